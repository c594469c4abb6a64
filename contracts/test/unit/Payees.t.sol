// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice Accounts, their splits, paying out and collecting.
contract PayeesTest is Fixture {
    function test_payee_numbersCountFromOne() public {
        assertEq(payee, 1);
        assertEq(makePayee(single(artist)), 2);
        assertEq(ledger.payees(), 2);
    }

    function test_payee_storesOnlyTheHashAndTodaysFee() public view {
        assertEq(ledger.splitHash(payee), keccak256(abi.encode(usual().to, usual().bps)));
        assertEq(ledger.account(payee).feeBps, FEE_BPS);
        assertEq(ledger.account(payee).balance, 0);
    }

    function test_payee_eventCarriesTheWholeSplitWithRoles() public {
        ILedger.Split memory split = usual();
        string[] memory roles = new string[](2);
        (roles[0], roles[1]) = ("artist", "cello");
        vm.expectEmit(address(ledger));
        emit ILedger.PayeeCreated(2, ledger.hashSplit(split), FEE_BPS, split.to, split.bps, roles);
        ledger.createPayee(split, roles);
    }

    function test_payee_takesAHundredRecipients() public {
        assertEq(makePayee(many(100)), 2);
    }

    function test_payee_refusesAHundredAndOne() public {
        ILedger.Split memory split = many(101);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitLength.selector, 101, 101, 101));
        ledger.createPayee(split, new string[](101));
    }

    function test_payee_refusesNobody() public {
        ILedger.Split memory split;
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitLength.selector, 0, 0, 0));
        ledger.createPayee(split, new string[](0));
    }

    function test_payee_refusesListsOfDifferentLength() public {
        ILedger.Split memory split = usual();
        split.bps = new uint16[](1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitLength.selector, 2, 1, 2));
        ledger.createPayee(split, new string[](2));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitLength.selector, 2, 2, 1));
        ledger.createPayee(usual(), new string[](1));
    }

    function test_payee_refusesASumOtherThanAll() public {
        ILedger.Split memory split = usual();
        split.bps[1] = 1_499;
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitSum.selector, 9_999));
        ledger.createPayee(split, new string[](2));
        split.bps[1] = 1_501;
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitSum.selector, 10_001));
        ledger.createPayee(split, new string[](2));
    }

    function test_payee_refusesAnEmptyShare() public {
        ILedger.Split memory split = pair(artist, 10_000, friend);
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitShareZero.selector, 1));
        ledger.createPayee(split, new string[](2));
    }

    function test_payee_refusesTheZeroAddress() public {
        ILedger.Split memory split = pair(artist, 5_000, address(0));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitRecipientZero.selector, 1));
        ledger.createPayee(split, new string[](2));
    }

    function test_ledger_needsATokenAndAPolicy() public {
        vm.expectRevert(ILedger.ZeroAddress.selector);
        makeLedger(address(0), address(policy));
        vm.expectRevert(ILedger.ZeroAddress.selector);
        makeLedger(address(token), address(0));
    }

    // --- the fee ------------------------------------------------------------------------------------------------------

    function test_fee_ofAPayeeFollowsAFall() public {
        setFee(40);
        vm.expectEmit(address(ledger));
        emit ILedger.PayeeFeeLowered(payee, 40);
        vm.prank(other);
        ledger.lowerFee(payee);
        assertEq(ledger.account(payee).feeBps, 40);
    }

    /// The event is assembled by hand from the calldata: what does not lie as every encoder lays it is refused, never garbled.
    function test_createPayee_rolesThatDoNotLieInOrderAreRefused() public {
        string[] memory roles = new string[](2);
        (roles[0], roles[1]) = ("artist", "a role of more than thirty-two bytes, in two words");
        bytes memory good = abi.encodeCall(ledger.createPayee, (usual(), roles));
        (bool ok, bytes memory answer) = address(ledger).call(good);
        assertTrue(ok);
        assertEq(abi.decode(answer, (uint64)), payee + 1);
        // roles begin after: selector, 2 heads, the split's 2 heads, 2 lists of 3 words, their own length
        uint256 first = 4 + 32 * (2 + 2 + 6 + 1);
        malformed(good, first + 31, 0x60);
        malformed(good, first + 63, 0x40);
        malformed(good, first + 64 + 31, 40);
        malformed(good, first + 64 + 32 + 6, 1);
        malformed(good, first + 64 + 29, 1);
        malformed(good, good.length - 1, 1);
    }

    function malformed(bytes memory good, uint256 where, uint8 what) private {
        bytes memory bad = bytes.concat(good);
        bad[where] = bytes1(what);
        (bool ok, bytes memory why) = address(ledger).call(bad);
        assertFalse(ok);
        assertEq(bytes32(bytes4(why)), bytes32(ILedger.RolesMalformed.selector));
    }

    function test_createPayee_aShareOrAddressOutOfRangeIsRefused() public {
        bytes memory good = abi.encodeCall(ledger.createPayee, (usual(), new string[](2)));
        bytes memory bad = bytes.concat(good);
        bad[4 + 32 * 5] = 0x01;
        (bool ok, bytes memory why) = address(ledger).call(bad);
        assertFalse(ok);
        assertEq(why, abi.encodeWithSelector(ILedger.SplitRecipientZero.selector, 0));
        bad = bytes.concat(good);
        bad[4 + 32 * 8] = 0x01;
        (ok, why) = address(ledger).call(bad);
        assertFalse(ok);
        assertEq(bytes32(bytes4(why)), bytes32(ILedger.SplitSum.selector));
    }

    function test_fee_ofAPayeeNeverRises() public {
        setFee(500);
        vm.expectRevert(abi.encodeWithSelector(ILedger.FeeNotLower.selector, 500, 100));
        ledger.lowerFee(payee);
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        assertEq(ledger.account(payee).fee, PRICE / 100);
        assertEq(ledger.account(makePayee(single(other))).feeBps, 100);
        vm.expectEmit(address(ledger));
        emit ILedger.NewFee(500);
        ledger.updateFee();
        assertEq(ledger.newFeeBps(), 500);
        assertEq(ledger.account(makePayee(single(other))).feeBps, 500);
        assertEq(ledger.account(payee).feeBps, 100);
    }

    function test_fee_ofNobodyCannotFall() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 77));
        ledger.lowerFee(77);
    }

    function test_fee_loweredKeepsWhatAccrued() public {
        vm.prank(listener);
        ledger.payStream(song, 3, 3 * PRICE);
        ILedger.Account memory before = ledger.account(payee);
        setFee(0);
        ledger.lowerFee(payee);
        ILedger.Account memory now_ = ledger.account(payee);
        assertEq(now_.balance, before.balance);
        assertEq(now_.fee, before.fee);
        assertEq(now_.streams, 3);
    }

    // --- paying out ---------------------------------------------------------------------------------------------------

    function test_distribute_pushesToEveryoneAndTheTreasury() public {
        pay(100);
        vm.expectEmit(address(ledger));
        emit ILedger.Distributed(payee, 0.99 ether, 0.01 ether, true);
        vm.prank(other);
        ledger.distribute(payee, usual(), true);
        assertEq(token.balanceOf(artist), 0.8415 ether);
        assertEq(token.balanceOf(friend), 0.1485 ether);
        assertEq(token.balanceOf(treasury), 0.01 ether);
        assertEq(token.balanceOf(address(ledger)), 0);
    }

    function test_distribute_pullSetsAllAside() public {
        pay(100);
        ledger.distribute(payee, usual(), false);
        assertEq(ledger.claimable(artist), 0.8415 ether);
        assertEq(ledger.claimable(friend), 0.1485 ether);
        assertEq(ledger.claimable(treasury), 0.01 ether);
        assertEq(token.balanceOf(address(ledger)), 1 ether);
    }

    function test_distribute_leavesNoDust() public {
        vm.prank(artist);
        ledger.setPrice(song, 101);
        ILedger.Split memory split = many(7);
        uint64 seven = makePayee(split);
        vm.prank(artist);
        ledger.setPayee(song, seven);
        vm.prank(listener);
        ledger.payStream(song, 1, 101);
        ledger.distribute(seven, split, false);
        uint256 sum;
        for (uint256 i; i < 7; ++i) {
            sum += ledger.claimable(split.to[i]);
        }
        assertEq(sum, 100);
        assertEq(ledger.claimable(treasury), 1);
        assertEq(ledger.account(seven).balance, 0);
    }

    function test_distribute_keepsStreamsAndFeeRate() public {
        pay(5);
        ledger.distribute(payee, usual(), true);
        assertEq(ledger.account(payee).streams, 5);
        assertEq(ledger.account(payee).feeBps, FEE_BPS);
    }

    function test_distribute_refusesAnotherSplit() public {
        pay(1);
        bytes32 given = ledger.hashSplit(single(other));
        vm.expectRevert(abi.encodeWithSelector(ILedger.SplitOther.selector, ledger.splitHash(payee), given));
        ledger.distribute(payee, single(other), true);
    }

    function test_distribute_refusesAnUnknownPayee() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 9));
        ledger.distribute(9, usual(), true);
    }

    function test_distribute_refusesAnEmptyAccount() public {
        vm.expectRevert(ILedger.NothingToPay.selector);
        ledger.distribute(payee, usual(), true);
    }

    function test_distribute_toTheLedgerItselfIsSetAside() public {
        ILedger.Split memory split = pair(artist, 5_000, address(ledger));
        uint64 odd = makePayee(split);
        vm.prank(artist);
        ledger.setPayee(song, odd);
        pay(1);
        vm.expectEmit(address(ledger));
        emit ILedger.TransferDeferred(address(ledger), 0.00495 ether);
        ledger.distribute(odd, split, true);
        assertEq(ledger.claimable(address(ledger)), 0.00495 ether);
    }

    function test_distribute_usesTheTreasuryOfThatMoment() public {
        pay(1);
        vm.prank(owner);
        policy.setTreasury(other);
        ledger.distribute(payee, usual(), true);
        assertEq(token.balanceOf(other), PRICE / 100);
        assertEq(token.balanceOf(treasury), 0);
    }

    function test_claim_sendsWhereTheRecipientWants() public {
        pay(100);
        ledger.distribute(payee, usual(), false);
        vm.expectEmit(address(ledger));
        emit ILedger.Claimed(friend, other, 0.1485 ether);
        vm.prank(friend);
        assertEq(ledger.claim(other), 0.1485 ether);
        assertEq(token.balanceOf(other), 0.1485 ether);
        assertEq(ledger.claimable(friend), 0);
    }

    function test_claim_twiceIsRefused() public {
        pay(1);
        ledger.distribute(payee, usual(), false);
        vm.prank(friend);
        ledger.claim(friend);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToClaim.selector, friend));
        vm.prank(friend);
        ledger.claim(friend);
    }

    function test_claim_toNowhereIsRefused() public {
        vm.expectRevert(ILedger.ZeroAddress.selector);
        ledger.claim(address(0));
    }

    function pay(uint32 streams) private {
        vm.prank(listener);
        ledger.payStream(song, streams, type(uint256).max);
    }

    function setFee(uint16 bps) private {
        vm.prank(owner);
        policy.scheduleFee(bps);
        skip(2 days);
        policy.applyFee();
    }
}
