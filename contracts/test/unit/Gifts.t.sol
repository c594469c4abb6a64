// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {Lens} from "../../src/Lens.sol";
import {TimelockController} from "../../src/Timelock.sol";
import {FeePolicy} from "../../src/FeePolicy.sol";
import {IStrategy} from "../../src/interfaces/IStrategy.sol";
import {GiftEconomyStrategy} from "../../src/strategies/GiftEconomyStrategy.sol";
import {Strategies} from "../utils/Strategies.sol";

/// @notice Thanks for listening; and the credits, the lens and the timelock.
contract GiftsTest is Strategies {
    function test_configure_keepsTheTerms() public {
        vm.expectEmit(address(gift));
        emit GiftEconomyStrategy.GiftConfigured(song, vm.addr(ATTESTOR_KEY), 1 ether, 10 ether, 100, 2, 20 ether);
        vm.prank(artist);
        gift.configure(song, terms());
        assertEq(gift.gift(song).dailyCap, 20 ether);
    }

    function test_configure_refusals() public {
        GiftEconomyStrategy.Gift memory t = terms();
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.NotArtist.selector, song, other));
        vm.prank(other);
        gift.configure(song, t);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.UnknownSong.selector, bytes32(0)));
        gift.configure(0, t);
        vm.startPrank(artist);
        t.repeatMultiplier = 0;
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.GiftWrong.selector, 0, 20 ether));
        gift.configure(song, t);
        t.repeatMultiplier = 6;
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.GiftWrong.selector, 6, 20 ether));
        gift.configure(song, t);
        t.repeatMultiplier = 5;
        t.dailyCap = 0;
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.GiftWrong.selector, 5, 0));
        gift.configure(song, t);
        t.dailyCap = 1;
        t.attestor = address(0);
        vm.expectRevert(GiftEconomyStrategy.ZeroAddress.selector);
        gift.configure(song, t);
    }

    function test_make_needsBoth() public {
        vm.expectRevert(GiftEconomyStrategy.ZeroAddress.selector);
        make("GiftEconomyStrategy", abi.encode(ledger, address(0)));
    }

    function test_fund_andTakeBack() public {
        thankful(100 ether);
        assertEq(gift.fundOf(song).budget, 100 ether);
        vm.expectEmit(address(gift));
        emit GiftEconomyStrategy.GiftWithdrawn(song, other, 40 ether);
        vm.prank(artist);
        gift.withdrawUnused(song, 40 ether, other);
        assertEq(credits.balanceOf(other), 40 ether);
        assertEq(gift.fundOf(song).budget, 60 ether);
    }

    function test_fund_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.NotConfigured.selector, song));
        gift.fund(song, 1);
        thankful(1 ether);
        vm.expectRevert(GiftEconomyStrategy.NothingToPay.selector);
        gift.fund(song, 0);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.NotArtist.selector, song, other));
        vm.prank(other);
        gift.withdrawUnused(song, 1, other);
        vm.startPrank(artist);
        vm.expectRevert(GiftEconomyStrategy.ZeroAddress.selector);
        gift.withdrawUnused(song, 1, address(0));
        vm.expectRevert(GiftEconomyStrategy.NothingToPay.selector);
        gift.withdrawUnused(song, 0, artist);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.BudgetTooLow.selector, 1 ether, 2 ether));
        gift.withdrawUnused(song, 2 ether, artist);
    }

    function test_claim_paysListensBonusAndRepeats() public {
        thankful(1_000 ether);
        uint48 deadline = uint48(clock + 1);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 7, deadline);
        vm.expectEmit(address(gift));
        emit GiftEconomyStrategy.ListensRewarded(song, listener, 7, 7, 19 ether);
        vm.prank(other);
        assertEq(gift.claimListens(song, listener, 7, deadline, proof), 19 ether);
        assertEq(credits.balanceOf(listener), 19 ether);
        assertEq(gift.profile(song, listener).listens, 7);
        assertEq(gift.fundOf(song).welcomed, 1);
        assertEq(gift.fundOf(song).budget, 981 ether);
    }

    function test_claim_aDayHasItsCap() public {
        thankful(1_000 ether);
        assertEq(claim(listener, 100), 20 ether);
        assertEq(claim(listener, 110), 0);
        skip(1 days);
        assertEq(claim(listener, 111), 2 ether);
    }

    function test_claim_theFirstListenersOnly() public {
        GiftEconomyStrategy.Gift memory t = terms();
        t.earlyListeners = 1;
        vm.prank(artist);
        gift.configure(song, t);
        endow(100 ether);
        assertEq(claim(listener, 1), 11 ether);
        assertEq(claim(other, 1), 1 ether);
    }

    function test_claim_countsNeverFall() public {
        thankful(100 ether);
        claim(listener, 3);
        uint48 deadline = uint48(clock + 1);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 3, deadline);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.NothingNew.selector, 3, 3));
        gift.claimListens(song, listener, 3, deadline, proof);
    }

    /// Rewards were minted without limit.
    function test_regression_rewardsArePaidFromABudgetNeverMinted() public {
        thankful(5 ether);
        uint256 supply = credits.totalSupply();
        uint48 deadline = uint48(clock + 1);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 5, deadline);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.BudgetTooLow.selector, 5 ether, 15 ether));
        gift.claimListens(song, listener, 5, deadline, proof);
        endow(10 ether);
        gift.claimListens(song, listener, 5, deadline, proof);
        assertEq(credits.totalSupply(), supply + 10 ether);
    }

    /// Budgets were paid from others' tokens.
    function test_regression_oneSongsBudgetPaysNoOther() public {
        thankful(100 ether);
        vm.startPrank(artist);
        bytes32 poor = ledger.register(keccak256("poor"), payee, 0, 2);
        gift.configure(poor, terms());
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.BudgetTooLow.selector, 0, 1));
        gift.withdrawUnused(poor, 1, artist);
    }

    function test_claim_refusals() public {
        uint48 deadline = uint48(clock + 1);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 1, deadline);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.NotConfigured.selector, song));
        gift.claimListens(song, listener, 1, deadline, proof);
        thankful(100 ether);
        bytes memory forged = attest(LISTENER_KEY, listener, 1, deadline);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.SignatureInvalid.selector, vm.addr(ATTESTOR_KEY)));
        gift.claimListens(song, listener, 1, deadline, forged);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.SignatureInvalid.selector, vm.addr(ATTESTOR_KEY)));
        gift.claimListens(song, listener, 2, deadline, proof);
        vm.prank(artist);
        ledger.setStrategies(song, 1);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.StrategyOff.selector, song, 2));
        gift.claimListens(song, listener, 1, deadline, proof);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.StrategyOff.selector, song, 2));
        gift.quote(song, listener);
        skip(2);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.SignatureExpired.selector, deadline));
        gift.claimListens(song, listener, 1, deadline, proof);
    }

    /// A free listen was impossible.
    function test_regression_listeningToAGiftIsFree() public view {
        assertTrue(gift.hasAccess(song, other));
        assertEq(gift.quote(song, other), 0);
        assertFalse(gift.hasAccess(bytes32(0), other));
        assertTrue(gift.supportsInterface(type(IStrategy).interfaceId));
    }

    function testFuzz_reward_withinTheCapAndWhatWasEarned(
        uint96 per,
        uint96 bonus,
        uint8 times,
        uint96 cap,
        uint64 before,
        uint64 listens
    ) public view {
        GiftEconomyStrategy.Gift memory t =
            GiftEconomyStrategy.Gift(per, bonus, 1, uint8(bound(times, 1, 5)), cap, address(1));
        uint256 reward = gift.rewardFor(t, before, listens, true, 0);
        assertLe(reward, cap);
        assertLe(reward, uint256(per) * listens * t.repeatMultiplier + bonus);
        assertEq(gift.rewardFor(t, before, listens, true, cap), 0);
    }

    // --- credits, lens, timelock --------------------------------------------------------------------------------------

    function test_credits_haveACap() public {
        uint256 cap = credits.cap();
        vm.startPrank(owner);
        credits.mint(owner, cap);
        vm.expectRevert(abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, cap + 1, cap));
        credits.mint(owner, 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, other));
        vm.prank(other);
        credits.mint(other, 1);
    }

    function test_lens_answersInOrder() public {
        Lens lens = Lens(make("Lens", abi.encode(ledger)));
        fill(listener, 3 ether);
        vm.prank(listener);
        ledger.tip(song, 1 ether);
        bytes32[] memory ids = new bytes32[](2);
        ids[0] = song;
        assertEq(lens.songs(ids)[0].artist, artist);
        assertEq(lens.songs(ids)[1].artist, address(0));
        uint64[] memory payees = new uint64[](1);
        payees[0] = payee;
        assertEq(lens.accounts(payees)[0].balance, 0.99 ether);
        ledger.distribute(payee, usual(), false);
        address[] memory people = new address[](2);
        (people[0], people[1]) = (friend, listener);
        assertEq(lens.claimables(people)[0], 0.1485 ether);
        assertEq(lens.purses(people)[1].balance, 3 ether);
        address[] memory ways = new address[](3);
        (ways[0], ways[1], ways[2]) = (address(ledger), address(gift), address(auction));
        Lens.Offer[][] memory offers = lens.offers(ways, ids, listener);
        assertEq(offers[0][0].price, PRICE);
        assertTrue(offers[0][1].access && offers[0][1].quoted);
        assertFalse(offers[0][2].quoted);
        assertFalse(offers[1][0].quoted);
    }

    function test_timelock_aFeeChangeIsSeenForTwoDaysBeforeItIsEvenScheduled() public {
        address[] memory people = new address[](1);
        people[0] = owner;
        TimelockController lock = TimelockController(
            payable(make("Timelock", "TimelockController", abi.encode(2 days, people, people, address(0))))
        );
        FeePolicy locked = FeePolicy(make("FeePolicy", abi.encode(lock, treasury, uint16(100))));
        bytes memory call = abi.encodeCall(FeePolicy.setTreasury, (other));
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, owner));
        locked.setTreasury(other);
        vm.expectRevert(abi.encodeWithSelector(TimelockInsufficientDelay.selector, 1 days, 2 days));
        lock.schedule(address(locked), 0, call, 0, 0, 1 days);
        lock.schedule(address(locked), 0, call, 0, 0, 2 days);
        vm.expectPartialRevert(TimelockUnexpectedOperationState.selector);
        lock.execute(address(locked), 0, call, 0, 0);
        skip(2 days);
        lock.execute(address(locked), 0, call, 0, 0);
        assertEq(locked.treasury(), other);
    }

    error TimelockInsufficientDelay(uint256 delay, uint256 minDelay);
    error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates);

    function test_fund_neverMoreThanTheWordHolds() public {
        GiftEconomyStrategy other_ = GiftEconomyStrategy(make("GiftEconomyStrategy", abi.encode(ledger, token)));
        vm.prank(owner);
        token.mint(artist, 1 << 97);
        vm.startPrank(artist);
        other_.configure(song, terms());
        token.approve(address(other_), type(uint256).max);
        other_.fund(song, type(uint96).max);
        vm.expectRevert(abi.encodeWithSelector(GiftEconomyStrategy.AmountTooLarge.selector, 1));
        other_.fund(song, 1);
        vm.stopPrank();
    }
}
