// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";
import {BlockToken, SilentToken} from "../utils/Tokens.sol";

/// @notice What the field's first attempt got wrong, one test a line.
contract RegressionsTest is Fixture {
    /// Paying exactly the advertised price reverted, because the minimum was checked after the fee.
    function test_regression_exactlyTheAdvertisedPriceIsEnough() public {
        uint256 advertised = ledger.quote(song, listener);
        vm.prank(listener);
        ledger.payStream(song, 1, advertised);
        assertEq(ledger.account(payee).streams, 1);
    }

    /// A free listen was impossible, because the router demanded an amount above 0.
    function test_regression_aFreeSongIsOpenWithoutAPayment() public {
        vm.prank(artist);
        bytes32 free = ledger.register(keccak256("free"), payee, 0, 0);
        assertTrue(ledger.hasAccess(free, other));
    }

    /// A paid stream on a gift song stayed in the router for ever.
    function test_regression_aPaidStreamOnAGiftSongIsRefusedAndNothingMoves() public {
        vm.prank(artist);
        ledger.setStrategies(song, 2);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StrategyOff.selector, song, 1));
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        assertEq(token.balanceOf(address(ledger)), 0);
    }

    /// Song ids could be squatted.
    function test_regression_nobodyTakesAnotherArtistsId() public {
        bytes32 theirs = ledger.songIdOf(artist, keccak256("unreleased"));
        vm.prank(other);
        assertTrue(ledger.register(keccak256("unreleased"), payee, PRICE, STREAM) != theirs);
        vm.prank(artist);
        assertEq(ledger.register(keccak256("unreleased"), payee, PRICE, STREAM), theirs);
    }

    /// One recipient that rejects tokens bricked a song.
    function test_regression_oneRejectingRecipientDoesNotBrickASong() public {
        BlockToken rejecting = new BlockToken();
        ledger = makeLedger(address(rejecting), address(policy));
        ledger.createPayee(usual(), new string[](2));
        vm.prank(artist);
        song = ledger.register(CONTENT, 1, PRICE, STREAM);
        rejecting.mint(listener, 1 ether);
        rejecting.setBlocked(friend, true);
        vm.startPrank(listener);
        rejecting.approve(address(ledger), 1 ether);
        ledger.payStream(song, 1, PRICE);
        ledger.distribute(1, usual(), true);
        ledger.payStream(song, 1, PRICE);
        ledger.distribute(1, usual(), true);
        assertEq(rejecting.balanceOf(artist), 0.01683 ether);
        assertEq(ledger.claimable(friend), 0.00297 ether);
    }

    /// Switching strategy bricked payments.
    function test_regression_switchingStrategyTouchesNoMoney() public {
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        vm.startPrank(artist);
        ledger.setStrategies(song, 12);
        ledger.setStrategies(song, STREAM);
        vm.stopPrank();
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        ledger.distribute(payee, usual(), true);
        assertEq(token.balanceOf(artist), 0.01683 ether);
    }

    /// Rounding dust stayed behind.
    function test_regression_noDustStaysBehind() public {
        vm.prank(listener);
        ledger.tip(song, 10_001);
        ledger.distribute(payee, usual(), true);
        assertEq(token.balanceOf(address(ledger)), 0);
    }

    /// The protocol fee was bypassed by two of four strategies: every way into an account pays it.
    function test_regression_streamsAndTipsPayTheSameFee() public {
        vm.startPrank(listener);
        ledger.payStream(song, 1, PRICE);
        assertEq(ledger.account(payee).fee, PRICE / 100);
        ledger.tip(song, PRICE);
        assertEq(ledger.account(payee).fee, 2 * PRICE / 100);
    }

    /// Tokens without a return value failed.
    function test_regression_aTokenWithoutReturnValueWorks() public {
        SilentToken silent = new SilentToken();
        ledger = makeLedger(address(silent), address(policy));
        ledger.createPayee(usual(), new string[](2));
        vm.prank(artist);
        song = ledger.register(CONTENT, 1, PRICE, STREAM);
        silent.mint(listener, PRICE);
        vm.startPrank(listener);
        silent.approve(address(ledger), PRICE);
        ledger.payStream(song, 1, PRICE);
        ledger.distribute(1, usual(), false);
        vm.stopPrank();
        vm.prank(friend);
        ledger.claim(friend);
        assertEq(silent.balanceOf(friend), 0.001485 ether);
    }

    /// There was no price limit for the payer.
    function test_regression_aPriceRiseOnTheWayIsRefused() public {
        vm.prank(artist);
        ledger.setPrice(song, PRICE + 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.CostsMore.selector, PRICE + 1, PRICE));
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
    }

    /// A change of who gets paid took money already earned.
    function test_regression_aNewPayeeDoesNotTakeWhatTheOldOneEarned() public {
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        uint64 second = makePayee(single(other));
        vm.prank(artist);
        ledger.setPayee(song, second);
        ledger.distribute(payee, usual(), true);
        assertEq(token.balanceOf(artist) + token.balanceOf(friend), PRICE * 99 / 100);
    }

    /// History was kept in arrays without bound.
    function test_regression_theHundredthPaymentCostsNoMoreThanTheThird() public {
        uint256 third;
        vm.startPrank(listener);
        for (uint256 i = 1; i <= 100; ++i) {
            uint256 before = gasleft();
            ledger.payStream(song, 1, PRICE);
            uint256 spent = before - gasleft();
            if (i == 3) third = spent;
            if (i == 100) assertLe(spent, third);
        }
        vm.stopPrank();
    }
}
