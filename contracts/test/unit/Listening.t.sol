// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";
import {PlainToken} from "../utils/Tokens.sol";

/// @notice Streams, tips and the guardian's pause.
contract ListeningTest is Fixture {
    bytes32 private constant NOWHERE = keccak256("nowhere");

    function test_payStream_takesTheGrossAndSetsTheFeeAside() public {
        vm.expectEmit(address(ledger));
        emit ILedger.StreamPaid(song, listener, 10, 0.1 ether);
        vm.prank(listener);
        ledger.payStream(song, 10, 0.1 ether);
        ILedger.Account memory a = ledger.account(payee);
        assertEq(a.balance, 0.099 ether);
        assertEq(a.fee, 0.001 ether);
        assertEq(a.streams, 10);
        assertEq(token.balanceOf(listener), 999.9 ether);
        assertEq(token.balanceOf(address(ledger)), 0.1 ether);
    }

    function test_payStream_ofAnUnknownSongIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownSong.selector, NOWHERE));
        vm.prank(listener);
        ledger.payStream(NOWHERE, 1, PRICE);
    }

    function test_payStream_whereStreamsDoNotEarnIsRefused() public {
        vm.prank(artist);
        ledger.setStrategies(song, 6);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StrategyOff.selector, song, STREAM));
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
    }

    function test_payStream_ofNothingIsRefused() public {
        vm.expectRevert(ILedger.NothingToPay.selector);
        vm.prank(listener);
        ledger.payStream(song, 0, PRICE);
    }

    function test_payStream_needsMoneyAndAllowance() public {
        vm.expectRevert();
        vm.prank(other);
        ledger.payStream(song, 1, PRICE);
        assertEq(ledger.account(payee).streams, 0);
    }

    function test_payStream_moreThanAnAccountHoldsIsRefused() public {
        vm.prank(artist);
        ledger.setPrice(song, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(ILedger.AmountTooLarge.selector, type(uint128).max));
        vm.prank(listener);
        ledger.payStream(song, 1, type(uint256).max);
    }

    function test_tip_anAccountThatIsFullTakesNoMore() public {
        PlainToken rich = new PlainToken();
        Ledger full = makeLedger(address(rich), address(policy));
        full.createPayee(single(artist), new string[](1));
        vm.prank(artist);
        bytes32 id = full.register(CONTENT, 1, PRICE, STREAM);
        rich.mint(listener, type(uint128).max);
        vm.startPrank(listener);
        rich.approve(address(full), type(uint256).max);
        full.tip(id, type(uint96).max);
        vm.expectPartialRevert(ILedger.AmountTooLarge.selector);
        full.tip(id, type(uint96).max);
    }

    function test_tip_worksWhateverTheStrategies() public {
        vm.prank(artist);
        ledger.setStrategies(song, 0);
        vm.expectEmit(address(ledger));
        emit ILedger.Tipped(song, listener, 5 ether);
        vm.prank(listener);
        ledger.tip(song, 5 ether);
        assertEq(ledger.account(payee).balance, 4.95 ether);
        assertEq(ledger.account(payee).streams, 0);
    }

    function test_tip_ofNothingIsRefused() public {
        vm.expectRevert(ILedger.NothingToPay.selector);
        vm.prank(listener);
        ledger.tip(song, 0);
    }

    function test_tip_toAnUnknownSongIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownSong.selector, NOWHERE));
        vm.prank(listener);
        ledger.tip(NOWHERE, 1);
    }

    // --- pause --------------------------------------------------------------------------------------------------------

    function test_pause_stopsPaymentsAndEndsByItself() public {
        uint48 until = uint48(clock) + 7 days;
        vm.expectEmit(address(ledger));
        emit ILedger.PausedUntil(until);
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(until);
        bytes memory paused = abi.encodeWithSelector(ILedger.InflowsPaused.selector, until);
        vm.startPrank(listener);
        vm.expectRevert(paused);
        ledger.payStream(song, 1, PRICE);
        vm.expectRevert(paused);
        ledger.tip(song, 1);
        skip(7 days);
        ledger.payStream(song, 1, PRICE);
    }

    function test_pause_neverStopsMoneyGoingOut() public {
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock) + 1 days);
        ledger.distribute(payee, usual(), false);
        vm.prank(friend);
        ledger.claim(friend);
    }

    function test_pause_isTheGuardiansAlone() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotGuardian.selector, owner));
        vm.prank(owner);
        ledger.pauseInflows(uint48(clock) + 1);
    }

    function test_pause_lastsAtMostSevenDays() public {
        uint48 latest = uint48(clock) + 7 days;
        vm.expectRevert(abi.encodeWithSelector(ILedger.PauseTooLong.selector, latest + 1, latest));
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(latest + 1);
    }

    function test_pause_cannotBeChained() public {
        uint48 start = uint48(clock);
        vm.startPrank(guardian);
        ledger.pauseInflows{value: 1}(start + 7 days);
        skip(7 days);
        vm.expectRevert(abi.encodeWithSelector(ILedger.PauseTooSoon.selector, start + 14 days));
        ledger.pauseInflows{value: 1}(start + 8 days);
        skip(7 days);
        ledger.pauseInflows{value: 1}(start + 15 days);
    }

    /// The coin is how payments see a pause without a cold read: no pause without one, and none taken out during a pause.
    function test_pause_needsACoinThatStaysUntilItIsOver() public {
        vm.startPrank(guardian);
        vm.expectRevert(ILedger.CoinMissing.selector);
        ledger.pauseInflows(uint48(clock) + 1 days);
        ledger.pauseInflows{value: 1}(uint48(clock) + 1 days);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ILedger.InflowsPaused.selector, clock + 1 days));
        ledger.returnCoin();
        skip(1 days);
        uint256 had = guardian.balance;
        ledger.returnCoin();
        assertEq(guardian.balance, had + 1);
        assertEq(address(ledger).balance, 0);
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
    }

    function test_pause_etherForcedInStopsNobody() public {
        vm.deal(address(ledger), 1 ether);
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
        ledger.returnCoin();
        assertEq(guardian.balance, 2 ether);
    }

    function test_pause_aGuardianThatTakesNoEtherKeepsTheLedgerWorking() public {
        vm.deal(address(ledger), 1);
        vm.etch(guardian, hex"fe");
        vm.expectRevert(abi.encodeWithSelector(ILedger.CoinRefused.selector, guardian));
        ledger.returnCoin();
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
    }

    function test_pause_canEndEarly() public {
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock) + 7 days);
        vm.prank(guardian);
        ledger.pauseInflows(0);
        vm.prank(listener);
        ledger.payStream(song, 1, PRICE);
    }
}
