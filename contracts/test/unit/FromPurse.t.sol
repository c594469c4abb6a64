// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {PatronageBase} from "../../src/strategies/PatronageBase.sol";
import {StrategyBase} from "../../src/strategies/StrategyBase.sol";
import {Strategies} from "../utils/Strategies.sol";

/// @notice Strategies that charge purses, by sessions with an end and a cap.
contract FromPurseTest is Strategies {
    uint256 private plan;

    function setUp() public override {
        super.setUp();
        plan = planOf(10 ether, 1, true);
        weekly(100, 0);
        fill(listener, 200 ether);
    }

    // --- what is charged ----------------------------------------------------------------------------------------------

    function test_subscribeFromPurse_takesThePurseAndNotTheWallet() public {
        permit(address(patronage), 40 ether);
        uint256 wallet = token.balanceOf(listener);
        vm.expectEmit(address(ledger));
        emit ILedger.Credited(address(patronage), payee, 20 ether);
        vm.prank(listener);
        patronage.subscribeFromPurse(song, listener, 2, 20 ether);
        assertEq(token.balanceOf(listener), wallet);
        assertEq(held(), 180 ether);
        assertEq(inAccounts(), 20 ether);
        assertEq(ledger.session(listener, address(patronage)).spent, 20 ether);
        PatronageBase.Subscription memory s = patronage.subscription(plan, listener);
        assertTrue(s.fromPurse && s.autoRenew && patronage.hasAccess(song, listener));
        assertEq(s.agreedPrice, 10 ether);
    }

    function test_buyFromPurse_takesExactlyThePrice() public {
        permit(address(auction), 100 ether);
        vm.prank(listener);
        assertEq(auction.buyFromPurse(song, other, 100 ether), 100 ether);
        assertEq(held(), 100 ether);
        assertTrue(auction.hasAccess(song, other));
        assertEq(inAccounts(), 100 ether);
    }

    function test_renew_fromPurseAsThePatronChose() public {
        permit(address(patronage), 40 ether);
        join();
        skip(30 days);
        vm.prank(other);
        patronage.renew(song, listener, type(uint256).max);
        assertEq(held(), 180 ether);
        vm.prank(listener);
        patronage.setAutoRenew(plan, 10 ether, false);
        uint256 wallet = token.balanceOf(listener);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        assertEq(wallet - token.balanceOf(listener), 10 ether);
        assertEq(held(), 180 ether);
    }

    function test_renew_afterTheGraceStillFromPurse() public {
        permit(address(patronage), 40 ether);
        join();
        skip(60 days);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        assertEq(held(), 180 ether);
        assertTrue(patronage.subscription(plan, listener).fromPurse);
    }

    function test_subscribeFromPurse_forSomebodyElseLeavesTheirPurseAlone() public {
        fill(other, 50 ether);
        permit(address(patronage), 40 ether);
        vm.prank(listener);
        patronage.subscribeFromPurse(song, other, 1, 10 ether);
        assertEq(ledger.purse(other).balance, 50 ether);
        assertFalse(patronage.subscription(plan, other).autoRenew);
    }

    function test_standingPermission_isNotCounted() public {
        permit(address(auction), type(uint96).max);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
        assertEq(ledger.session(listener, address(auction)).spent, 0);
    }

    // --- what is refused ----------------------------------------------------------------------------------------------

    function test_noSession_noCharge() public {
        bytes memory no = abi.encodeWithSelector(ILedger.NotAllowed.selector, listener, address(auction), 100 ether);
        vm.expectRevert(no);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
    }

    function test_session_endsAndIsCapped() public {
        vm.prank(listener);
        ledger.setSession(address(auction), uint48(clock), 100 ether - 1);
        bytes memory no = abi.encodeWithSelector(ILedger.NotAllowed.selector, listener, address(auction), 100 ether);
        vm.expectRevert(no);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
        vm.prank(listener);
        ledger.setSession(address(auction), uint48(clock), 100 ether);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
        vm.prank(listener);
        ledger.setSession(address(auction), uint48(clock), type(uint96).max);
        skip(1);
        vm.expectPartialRevert(ILedger.NotAllowed.selector);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
    }

    function test_purse_neverBelowZero() public {
        fill(other, 9 ether);
        vm.prank(other);
        ledger.setSession(address(patronage), type(uint48).max, type(uint96).max);
        vm.expectRevert(abi.encodeWithSelector(ILedger.PurseTooLow.selector, 9 ether, 10 ether));
        vm.prank(other);
        patronage.subscribeFromPurse(song, other, 1, 10 ether);
    }

    /// A key that may sign plays may not be turned into more: it is bound by the same cap, and pays songs only.
    function test_chargePurse_byAKeyWithinItsCap() public {
        permit(friend, 1 ether);
        vm.startPrank(friend);
        ledger.chargePurse(song, listener, 1 ether, STREAM);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotAllowed.selector, listener, friend, 1));
        ledger.chargePurse(song, listener, 1, STREAM);
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownSong.selector, bytes32(0)));
        ledger.chargePurse(bytes32(0), listener, 1, STREAM);
        vm.stopPrank();
        vm.prank(artist);
        ledger.setStrategies(song, 4);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StrategyOff.selector, song, STREAM));
        ledger.chargePurse(song, listener, 1, STREAM);
    }

    function test_chargePurse_ofNothingLeavesNoRecord() public {
        permit(friend, 1 ether);
        vm.recordLogs();
        vm.prank(friend);
        ledger.chargePurse(song, listener, 0, STREAM);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_chargePurses_atMost256() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.TooManyCharges.selector, 257, 256));
        ledger.chargePurses(song, new uint256[](257), STREAM);
    }

    function test_onCharged_onlyByTheLedger() public {
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.NotLedger.selector, address(this)));
        patronage.onCharged(song, new uint256[](1), 1);
    }

    // --- rounds -------------------------------------------------------------------------------------------------------

    function test_round_chargesPursesAndWalletsAndLeavesOutWhoCannotPay() public {
        address[] memory patrons = new address[](6);
        patrons[0] = listener;
        patrons[1] = other;
        patrons[2] = friend;
        patrons[3] = listener;
        patrons[4] = guardian;
        patrons[5] = treasury;
        permit(address(patronage), 40 ether);
        join();
        stock(other, 10 ether);
        vm.prank(other);
        patronage.subscribeFromPurse(song, other, 1, 10 ether);
        allow(friend, 20 ether);
        vm.prank(friend);
        patronage.subscribe(song, friend, 1, 10 ether);
        stock(guardian, 30 ether);
        vm.startPrank(guardian);
        patronage.subscribeFromPurse(song, guardian, 1, 10 ether);
        patronage.cancel(plan);
        vm.stopPrank();
        skip(30 days);
        uint256 before = inAccounts();
        uint256[] memory charges = new uint256[](2);
        charges[0] = uint256(uint160(listener)) << 96 | 10 ether;
        charges[1] = uint256(uint160(other)) << 96 | 10 ether;
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(plan, listener, uint8(PatronageBase.Refusal.NotDue));
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(plan, guardian, uint8(PatronageBase.Refusal.NotAgreed));
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewedFromPurses(plan, charges, 2);
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(plan, other, uint8(PatronageBase.Refusal.Payment));
        vm.expectEmit(address(ledger));
        emit ILedger.Credited(address(patronage), payee, 10 ether);
        vm.expectEmit(address(patronage));
        emit PatronageBase.Renewed(plan, friend, 10 ether, clock + 30 days);
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(plan, treasury, uint8(PatronageBase.Refusal.NoSubscription));
        vm.expectEmit(address(ledger));
        emit ILedger.Credited(address(patronage), payee, 10 ether);
        assertEq(patronage.renewMany(plan, patrons), 20 ether);
        assertEq(inAccounts() - before, 20 ether);
        assertEq(patronage.subscription(plan, listener).paidThrough, clock + 30 days);
        assertEq(patronage.subscription(plan, other).paidThrough, clock);
        assertEq(patronage.subscription(plan, other).periods, 1);
        assertEq(held(), 180 ether);
    }

    function test_round_ofClosedPlansChargesNobody() public {
        permit(address(patronage), 40 ether);
        join();
        skip(30 days);
        vm.prank(artist);
        patronage.updatePlan(plan, 10 ether, basic, false);
        address[] memory patrons = new address[](1);
        patrons[0] = listener;
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(plan, listener, uint8(PatronageBase.Refusal.PlanClosed));
        assertEq(patronage.renewMany(plan, patrons), 0);
        assertEq(held(), 190 ether);
    }

    function test_whyNotRenewable_looksAtThePurse() public {
        permit(address(patronage), 20 ether);
        join();
        skip(30 days);
        why(PatronageBase.Refusal.None);
        permit(address(patronage), 10 ether - 1);
        why(PatronageBase.Refusal.Payment);
        permit(address(patronage), type(uint96).max);
        why(PatronageBase.Refusal.None);
        vm.prank(listener);
        ledger.setSession(address(patronage), uint48(clock - 1), 20 ether);
        why(PatronageBase.Refusal.Payment);
    }

    /// A pause stops what flows in; what is in a purse is here already, as with `payPrepaid`.
    function test_pause_doesNotStopPurses() public {
        permit(address(auction), 100 ether);
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock + 1 days));
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
    }

    function testFuzz_charges_neverAboveCapOrPurse(uint96 cap, uint256[8] memory amounts) public {
        permit(friend, cap);
        uint256 taken;
        for (uint256 i; i < 8; ++i) {
            uint256 amount = bound(amounts[i], 0, 100 ether);
            bool fits = (cap == type(uint96).max || taken + amount <= cap) && taken + amount <= 200 ether;
            vm.prank(friend);
            try ledger.chargePurse(song, listener, amount, STREAM) {
                assertTrue(fits);
                taken += amount;
            } catch {
                assertFalse(fits);
            }
        }
        assertEq(held(), 200 ether - taken);
        assertEq(inAccounts(), taken);
    }

    // --- inside -------------------------------------------------------------------------------------------------------

    function permit(address strategy, uint96 cap) private {
        vm.prank(listener);
        ledger.setSession(strategy, type(uint48).max, cap);
    }

    function join() private {
        vm.prank(listener);
        patronage.subscribeFromPurse(song, listener, 1, 10 ether);
    }

    function held() private view returns (uint256) {
        return ledger.purse(listener).balance;
    }

    function why(PatronageBase.Refusal reason) private view {
        assertEq(uint256(patronage.whyNotRenewable(plan, listener)), uint256(reason));
    }
}
