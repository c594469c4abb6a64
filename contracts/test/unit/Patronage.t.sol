// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStrategy} from "../../src/interfaces/IStrategy.sol";
import {PatronageStrategy} from "../../src/strategies/PatronageStrategy.sol";
import {PatronageBase} from "../../src/strategies/PatronageBase.sol";
import {StrategyBase} from "../../src/strategies/StrategyBase.sol";
import {Strategies} from "../utils/Strategies.sol";

/// @notice Plans, patrons, renewals and loyalty.
contract PatronageTest is Strategies {
    uint256 private id;

    function setUp() public override {
        super.setUp();
        id = planOf(10 ether, 1, true);
    }

    // --- plans --------------------------------------------------------------------------------------------------------

    function test_createPlan_keepsTheTerms() public view {
        PatronageBase.Plan memory p = patronage.plan(id);
        assertEq(p.songId, song);
        assertEq(p.price, 10 ether);
        assertEq(p.minimumPeriods, 1);
        assertEq(p.tierBps[0], 0);
        assertEq(p.tierBps[3], 2_000);
        assertTrue(p.open && p.earlyCancel);
        assertEq(patronage.planOf(song), id);
    }

    /// Anyone overwrote any patronage terms, because the check compared the caller with an argument of the caller's own.
    function test_regression_onlyTheArtistSetsTerms() public {
        bytes memory no = abi.encodeWithSelector(StrategyBase.NotArtist.selector, song, other);
        vm.startPrank(other);
        vm.expectRevert(no);
        patronage.updatePlan(id, 1, basic, true);
        vm.expectRevert(no);
        patronage.createPlan(song, 1, 1, basic, true);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.UnknownSong.selector, bytes32(0)));
        patronage.createPlan(bytes32(0), 1, 1, basic, true);
    }

    function test_createPlan_onlyOneASong() public {
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.PlanExists.selector, song, id));
        vm.prank(artist);
        patronage.createPlan(song, 1, 1, basic, true);
    }

    function test_createPlan_refusesTermsThatMakeNoSense() public {
        bytes32 s = another();
        vm.startPrank(artist);
        vm.expectRevert(PatronageBase.PriceMissing.selector);
        patronage.createPlan(s, 0, 1, basic, true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.MinimumWrong.selector, 0, 12));
        patronage.createPlan(s, 1, 0, basic, true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.MinimumWrong.selector, 13, 12));
        patronage.createPlan(s, 1, 13, basic, true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.DiscountWrong.selector, 2));
        patronage.createPlan(s, 1, 1, [uint16(0), 10, 9, 9], true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.DiscountWrong.selector, 3));
        patronage.createPlan(s, 1, 1, [uint16(0), 1, 2, 10_001], true);
        ledger.setStrategies(s, 1);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.StrategyOff.selector, s, 4));
        patronage.createPlan(s, 1, 1, basic, true);
    }

    function test_updatePlan_changesPriceAndRaisesDiscountsOnly() public {
        vm.expectEmit(address(patronage));
        emit PatronageBase.PlanUpdated(id, 8 ether, [uint16(0), 600, 1_000, 2_000], true);
        vm.startPrank(artist);
        patronage.updatePlan(id, 8 ether, [uint16(0), 600, 1_000, 2_000], true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.DiscountWrong.selector, 1));
        patronage.updatePlan(id, 8 ether, [uint16(0), 599, 1_000, 2_000], true);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.UnknownPlan.selector, 5));
        patronage.updatePlan(5, 1, basic, true);
    }

    // --- subscribing --------------------------------------------------------------------------------------------------

    function test_subscribe_paysAndOpens() public {
        vm.expectEmit(address(patronage));
        emit PatronageBase.Subscribed(id, listener, listener, 20 ether, 2, clock);
        join(2);
        assertEq(token.balanceOf(listener), 980 ether);
        assertEq(ledger.account(payee).balance, 19.8 ether);
        assertEq(ledger.account(payee).fee, 0.2 ether);
        assertTrue(patronage.hasAccess(song, listener));
        skip(60 days - 1);
        assertTrue(patronage.hasAccess(song, listener));
        skip(1);
        assertFalse(patronage.hasAccess(song, listener));
    }

    /// 1 wei bought a full subscription.
    function test_regression_lessThanThePriceBuysNothing() public {
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.CostsMore.selector, 10 ether, 1));
        vm.prank(listener);
        patronage.subscribe(song, listener, 1, 1);
        assertFalse(patronage.hasAccess(song, listener));
    }

    /// The minimum duration was bypassed through a song of the caller's choice.
    function test_regression_theMinimumIsThePlansOwn() public {
        bytes32 s = another();
        vm.prank(artist);
        uint256 premium = patronage.createPlan(s, 20 ether, 3, basic, false);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.PeriodsWrong.selector, 2, 3, 12));
        vm.prank(listener);
        patronage.subscribe(s, listener, 2, 1_000 ether);
        vm.prank(listener);
        patronage.subscribe(s, listener, 3, 60 ether);
        assertEq(patronage.subscription(premium, listener).paidThrough, clock + 90 days);
    }

    function test_subscribe_refusals() public {
        vm.startPrank(listener);
        vm.expectRevert(PatronageBase.ZeroAddress.selector);
        patronage.subscribe(song, address(0), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.PeriodsWrong.selector, 13, 1, 12));
        patronage.subscribe(song, listener, 13, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.NoPlan.selector, bytes32("none")));
        patronage.subscribe(bytes32("none"), listener, 1, 1);
        patronage.subscribe(song, listener, 1, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.AlreadySubscribed.selector, listener, clock + 30 days));
        patronage.subscribe(song, listener, 1, 10 ether);
    }

    function test_subscribe_toAClosedPlanIsRefused() public {
        vm.prank(artist);
        patronage.updatePlan(id, 10 ether, basic, false);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.PlanClosed.selector, id));
        vm.prank(listener);
        patronage.subscribe(song, listener, 1, 10 ether);
    }

    function test_subscribe_asAGiftAllowsNoKeeper() public {
        vm.prank(listener);
        patronage.subscribe(song, other, 1, 10 ether);
        assertTrue(patronage.hasAccess(song, other));
        skip(30 days);
        assertEq(uint256(patronage.whyNotRenewable(id, other)), uint256(PatronageBase.Refusal.NotAgreed));
    }

    // --- renewing -----------------------------------------------------------------------------------------------------

    function test_renew_extendsTheOldEndWithoutDrift() public {
        join(1);
        uint256 end = clock + 30 days;
        skip(35 days);
        vm.expectEmit(address(patronage));
        emit PatronageBase.Renewed(id, listener, 10 ether, end + 30 days);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        assertEq(patronage.subscription(id, listener).start, end - 30 days);
    }

    /// Paying every 37 days was accepted for ever.
    function test_regression_payingEvery37DaysLapses() public {
        join(1);
        skip(37 days);
        renewOwn();
        uint256 begun = patronage.subscription(id, listener).start;
        skip(37 days);
        renewOwn();
        assertGt(patronage.subscription(id, listener).start, begun);
        assertEq(patronage.subscription(id, listener).paidThrough, clock + 30 days);
    }

    /// Loyalty counted elapsed, not paid, time, so one payment reached tier 4 while expired.
    function test_regression_elapsedTimeIsNoLoyalty() public {
        join(1);
        assertEq(patronage.tier(id, listener), 1);
        skip(37 days);
        assertEq(patronage.tier(id, listener), 1);
        skip(400 days);
        assertEq(patronage.tier(id, listener), 0);
        assertEq(patronage.renewalPrice(id, listener), 10 ether);
        renewOwn();
        assertEq(patronage.tier(id, listener), 1);
    }

    function test_renew_loyaltyMakesItCheaper() public {
        join(3);
        skip(90 days);
        assertEq(patronage.tier(id, listener), 2);
        assertEq(patronage.renewalPrice(id, listener), 9.5 ether);
        assertEq(patronage.quote(song, listener), 9.5 ether);
        uint256 had = token.balanceOf(listener);
        renewOwn();
        assertEq(had - token.balanceOf(listener), 9.5 ether);
    }

    function test_renew_prepaidTimeCountsWhenItIsLived() public {
        join(12);
        assertEq(patronage.tier(id, listener), 1);
        skip(180 days);
        assertEq(patronage.tier(id, listener), 3);
    }

    function test_renew_onlySoFarAhead() public {
        join(12);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.TooFarAhead.selector, clock + 360 days));
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
    }

    function test_renew_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.NotSubscribed.selector, listener));
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        join(1);
        vm.expectRevert(abi.encodeWithSelector(StrategyBase.CostsMore.selector, 10 ether, 9 ether));
        vm.prank(listener);
        patronage.renew(song, listener, 9 ether);
    }

    // --- keepers ------------------------------------------------------------------------------------------------------

    function test_keeper_chargesOnceWhenDue() public {
        join(1);
        refused(PatronageBase.Refusal.NotDue);
        skip(30 days);
        vm.prank(other);
        patronage.renew(song, listener, type(uint256).max);
        assertEq(token.balanceOf(listener), 980 ether);
        refused(PatronageBase.Refusal.NotDue);
    }

    function test_keeper_neverAfterTheGrace() public {
        join(1);
        skip(37 days + 1);
        refused(PatronageBase.Refusal.Lapsed);
    }

    function test_keeper_aRiseNeedsConsentACutDoesNot() public {
        join(1);
        skip(30 days);
        vm.prank(artist);
        patronage.updatePlan(id, 11 ether, basic, true);
        refused(PatronageBase.Refusal.PriceRose);
        vm.expectEmit(address(patronage));
        emit PatronageBase.AutoRenewSet(id, listener, 11 ether, false);
        vm.prank(listener);
        patronage.setAutoRenew(id, 11 ether, false);
        assertEq(uint256(patronage.whyNotRenewable(id, listener)), 0);
        vm.prank(artist);
        patronage.updatePlan(id, 4 ether, basic, true);
        vm.prank(other);
        patronage.renew(song, listener, type(uint256).max);
        assertEq(token.balanceOf(listener), 986 ether);
    }

    function test_keeper_respectsClosedPlansAndWays() public {
        join(1);
        skip(30 days);
        vm.prank(artist);
        ledger.setStrategies(song, 1);
        refused(PatronageBase.Refusal.PlanClosed);
        vm.startPrank(artist);
        ledger.setStrategies(song, 15);
        patronage.updatePlan(id, 10 ether, basic, false);
        vm.stopPrank();
        refused(PatronageBase.Refusal.PlanClosed);
    }

    function test_keeper_ofNobody() public view {
        assertEq(uint256(patronage.whyNotRenewable(id, other)), uint256(PatronageBase.Refusal.NoSubscription));
    }

    function test_keeper_aRoundLeavesOutWhoCannotPay() public {
        address[] memory patrons = new address[](4);
        (patrons[0], patrons[1], patrons[2], patrons[3]) = (listener, other, friend, listener);
        allow(other, 10 ether);
        join(1);
        vm.prank(other);
        patronage.subscribe(song, other, 1, 10 ether);
        skip(30 days);
        assertEq(uint256(patronage.whyNotRenewable(id, other)), uint256(PatronageBase.Refusal.Payment));
        vm.expectEmit(address(patronage));
        emit PatronageBase.Renewed(id, listener, 10 ether, clock + 30 days);
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(id, other, uint8(PatronageBase.Refusal.Payment));
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(id, friend, uint8(PatronageBase.Refusal.NoSubscription));
        vm.expectEmit(address(patronage));
        emit PatronageBase.RenewalFailed(id, listener, uint8(PatronageBase.Refusal.NotDue));
        assertEq(patronage.renewMany(id, patrons), 10 ether);
        assertEq(inAccounts(), 30 ether);
    }

    function test_keeper_aRoundOfNobodyChargesNothing() public {
        assertEq(patronage.renewMany(id, new address[](0)), 0);
    }

    // --- stopping -----------------------------------------------------------------------------------------------------

    function test_cancel_stopsRenewalsNotAccess() public {
        join(1);
        vm.expectEmit(address(patronage));
        emit PatronageBase.Cancelled(id, listener, clock + 30 days);
        vm.prank(listener);
        patronage.cancel(id);
        assertTrue(patronage.hasAccess(song, listener));
        skip(30 days);
        refused(PatronageBase.Refusal.NotAgreed);
    }

    function test_cancel_notBeforeTheMinimumWhereAgreed() public {
        bytes32 s = another();
        vm.prank(artist);
        uint256 premium = patronage.createPlan(s, 20 ether, 3, basic, false);
        vm.startPrank(listener);
        patronage.subscribe(s, listener, 3, 60 ether);
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.Committed.selector, clock + 90 days));
        patronage.cancel(premium);
        skip(90 days);
        patronage.cancel(premium);
        vm.stopPrank();
        bytes memory no = abi.encodeWithSelector(PatronageBase.NotSubscribed.selector, other);
        vm.startPrank(other);
        vm.expectRevert(no);
        patronage.cancel(premium);
        vm.expectRevert(no);
        patronage.setAutoRenew(premium, 1, false);
    }

    function test_tier_byPaidTimeAlone() public view {
        assertEq(patronage.tierOf(90 days - 1), 0);
        assertEq(patronage.tierOf(90 days), 1);
        assertEq(patronage.tierOf(180 days), 2);
        assertEq(patronage.tierOf(365 days), 3);
    }

    function test_plan_ofANumberTooLargeIsUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.UnknownPlan.selector, uint256(1) << 96));
        patronage.tier(1 << 96, listener);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    function test_erc5643_views() public {
        uint256 tokenId = id << 160 | uint160(listener);
        assertEq(patronage.expiresAt(tokenId), 0);
        join(1);
        assertEq(patronage.expiresAt(tokenId), clock + 30 days);
        assertFalse(patronage.isRenewable(tokenId));
        skip(30 days);
        assertTrue(patronage.isRenewable(tokenId));
    }

    function test_interfaces_areAnnounced() public view {
        assertTrue(patronage.supportsInterface(type(IStrategy).interfaceId));
        assertFalse(patronage.supportsInterface(0xffffffff));
        assertEq(patronage.tier(id, other), 0);
    }

    /// isAuthorized was true for everyone.
    function test_regression_nobodyHasAccessUnpaid() public view {
        assertFalse(patronage.hasAccess(song, other));
        assertFalse(patronage.hasAccess(bytes32(0), other));
        assertFalse(auction.hasAccess(song, other));
    }

    /// Switching strategy bricked what was sold.
    function test_regression_whatWasSoldIsHonoured() public {
        join(1);
        vm.prank(artist);
        ledger.setStrategies(song, 0);
        assertTrue(patronage.hasAccess(song, listener));
    }

    function testFuzz_tier_neverExceedsPaidTime(uint8 periods, uint32 wait) public {
        periods = uint8(bound(periods, 1, 12));
        join(periods);
        skip(wait);
        uint256 tier = patronage.tier(id, listener);
        uint256 paid = uint256(periods) * 30 days;
        if (tier >= 2) assertGe(paid, 90 days);
        if (tier >= 3) assertGe(paid, 180 days);
        assertLt(tier, 4);
    }

    function join(uint256 periods) private {
        vm.prank(listener);
        patronage.subscribe(song, listener, periods, type(uint256).max);
    }

    function renewOwn() private {
        vm.prank(listener);
        patronage.renew(song, listener, type(uint256).max);
    }

    function refused(PatronageBase.Refusal reason) private {
        assertEq(uint256(patronage.whyNotRenewable(id, listener)), uint256(reason));
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.NotRenewable.selector, listener, reason));
        vm.prank(friend);
        patronage.renew(song, listener, type(uint256).max);
    }

    function another() private returns (bytes32) {
        vm.prank(artist);
        return ledger.register(keccak256("another"), payee, 1, 4);
    }
}
