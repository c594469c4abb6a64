// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ICreditor} from "../../src/interfaces/ICreditor.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";
import {PlainToken, TaxedToken} from "../utils/Tokens.sol";

/// @notice Pays through the port, and tries to count the same money twice.
contract Payer is ICreditor {
    Ledger private immutable _ledger;
    IERC20 private immutable _token;
    bytes private _inner;
    bytes4 public answer;

    constructor(Ledger ledger, IERC20 token) {
        (_ledger, _token) = (ledger, token);
        token.approve(address(ledger), type(uint256).max);
    }

    function pay(uint64 payee, uint256 amount, bytes calldata inner) external returns (uint256) {
        _inner = inner;
        return _ledger.credit(payee, abi.encode(amount));
    }

    function onCredit(bytes calldata data) external {
        if (_inner.length != 0) {
            (bool ok, bytes memory why) = address(_ledger).call(_inner);
            if (!ok) answer = bytes4(why);
        }
        uint256 amount = abi.decode(data, (uint256));
        if (amount != 0) require(_token.transfer(address(_ledger), amount));
    }
}

/// @notice Prepaid money: in, out with a day of thaw, spent on streams; and the port for strategies.
contract PursesTest is Fixture {
    function test_deposit_fillsThePurse() public {
        vm.expectEmit(address(ledger));
        emit ILedger.Deposited(other, listener, 3 ether);
        vm.prank(listener);
        assertEq(ledger.deposit(other, 3 ether), 3 ether);
        assertEq(ledger.purse(other).balance, 3 ether);
        assertEq(ledger.purse(listener).balance, 0);
    }

    function test_deposit_ofNothingOrForNobodyIsRefused() public {
        vm.expectRevert(ILedger.NothingToPay.selector);
        ledger.deposit(listener, 0);
        vm.expectRevert(ILedger.ZeroAddress.selector);
        ledger.deposit(address(0), 1);
    }

    function test_deposit_countsWhatArrives() public {
        TaxedToken taxed = new TaxedToken();
        ledger = makeLedger(address(taxed), address(policy));
        taxed.mint(listener, 100);
        vm.startPrank(listener);
        taxed.approve(address(ledger), 100);
        assertEq(ledger.deposit(listener, 100), 99);
        assertEq(ledger.purse(listener).balance, 99);
    }

    function test_deposit_moreThanAPurseHoldsIsRefused() public {
        PlainToken rich = new PlainToken();
        ledger = makeLedger(address(rich), address(policy));
        rich.mint(listener, type(uint128).max);
        vm.startPrank(listener);
        rich.approve(address(ledger), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ILedger.AmountTooLarge.selector, uint256(type(uint96).max) + 1));
        ledger.deposit(listener, uint256(type(uint96).max) + 1);
    }

    function test_deposit_isPaused() public {
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock + 1));
        vm.expectRevert(abi.encodeWithSelector(ILedger.InflowsPaused.selector, clock + 1));
        vm.prank(listener);
        ledger.deposit(listener, 1);
    }

    function test_depositWithPermit_needsNoApproval() public {
        vm.prank(listener);
        token.approve(address(ledger), 0);
        (uint8 v, bytes32 r, bytes32 s) = permit(2 ether);
        vm.prank(listener);
        ledger.depositWithPermit(listener, 2 ether, clock, v, r, s);
        assertEq(ledger.purse(listener).balance, 2 ether);
    }

    function test_depositWithPermit_somebodySubmittingItFirstDoesNoHarm() public {
        vm.prank(listener);
        token.approve(address(ledger), 0);
        (uint8 v, bytes32 r, bytes32 s) = permit(2 ether);
        token.permit(listener, address(ledger), 2 ether, clock, v, r, s);
        vm.prank(listener);
        ledger.depositWithPermit(listener, 2 ether, clock, v, r, s);
        assertEq(ledger.purse(listener).balance, 2 ether);
    }

    // --- out ----------------------------------------------------------------------------------------------------------

    function test_withdraw_takesADay() public {
        fill(listener, 5 ether);
        uint48 thaws = uint48(clock + 1 days);
        vm.expectEmit(address(ledger));
        emit ILedger.WithdrawRequested(listener, 2 ether, thaws);
        vm.startPrank(listener);
        ledger.requestWithdraw(2 ether);
        skip(1 days - 1);
        vm.startPrank(listener);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StillThawing.selector, thaws));
        ledger.withdraw(other);
        skip(1);
        vm.expectEmit(address(ledger));
        emit ILedger.Withdrawn(listener, other, 2 ether);
        assertEq(ledger.withdraw(other), 2 ether);
        assertEq(token.balanceOf(other), 2 ether);
        assertEq(ledger.purse(listener).balance, 3 ether);
        assertEq(ledger.purse(listener).requested, 0);
    }

    function test_withdraw_withoutARequestIsRefused() public {
        fill(listener, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingRequested.selector, listener));
        vm.prank(listener);
        ledger.withdraw(listener);
    }

    function test_withdraw_toNowhereIsRefused() public {
        vm.expectRevert(ILedger.ZeroAddress.selector);
        ledger.withdraw(address(0));
    }

    function test_withdraw_moreThanThereIsCannotBeAskedFor() public {
        fill(listener, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ILedger.PurseTooLow.selector, 1 ether, 2 ether));
        vm.prank(listener);
        ledger.requestWithdraw(2 ether);
    }

    function test_withdraw_getsWhatVouchersLeft() public {
        fill(listener, 1 ether);
        vm.prank(listener);
        ledger.requestWithdraw(1 ether);
        settleOne(signed(LISTENER_KEY, voucher(listener, 1, 0.4 ether, item(payee, 40, 0.4 ether))));
        skip(1 days);
        vm.prank(listener);
        assertEq(ledger.withdraw(listener), 0.6 ether);
    }

    function test_withdraw_ofAnEmptiedPurseIsRefused() public {
        fill(listener, 1 ether);
        vm.prank(listener);
        ledger.requestWithdraw(1 ether);
        settleOne(signed(LISTENER_KEY, voucher(listener, 1, 1 ether, item(payee, 40, 1 ether))));
        skip(1 days);
        vm.expectRevert(abi.encodeWithSelector(ILedger.PurseTooLow.selector, 0, 1 ether));
        vm.prank(listener);
        ledger.withdraw(listener);
    }

    function test_withdraw_requestCanBeTakenBack() public {
        fill(listener, 1 ether);
        vm.startPrank(listener);
        ledger.requestWithdraw(1 ether);
        vm.expectEmit(address(ledger));
        emit ILedger.WithdrawRequested(listener, 0, 0);
        ledger.requestWithdraw(0);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingRequested.selector, listener));
        ledger.withdraw(listener);
    }

    function test_withdraw_isNeverPaused() public {
        fill(listener, 1 ether);
        vm.prank(listener);
        ledger.requestWithdraw(1 ether);
        skip(1 days);
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock + 1 days));
        vm.prank(listener);
        ledger.withdraw(listener);
    }

    // --- spent --------------------------------------------------------------------------------------------------------

    function test_payPrepaid_takesFromThePurse() public {
        fill(listener, 1 ether);
        vm.expectEmit(address(ledger));
        emit ILedger.StreamPaid(song, listener, 10, 0.1 ether);
        vm.prank(listener);
        ledger.payPrepaid(song, 10, 0.1 ether);
        assertEq(ledger.purse(listener).balance, 0.9 ether);
        assertEq(ledger.account(payee).balance, 0.099 ether);
        assertEq(ledger.account(payee).streams, 10);
    }

    function test_payPrepaid_neverBelowZero() public {
        fill(listener, PRICE - 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.PurseTooLow.selector, PRICE - 1, PRICE));
        vm.prank(listener);
        ledger.payPrepaid(song, 1, PRICE);
    }

    function test_payPrepaid_neverAboveTheLimit() public {
        fill(listener, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ILedger.CostsMore.selector, PRICE, PRICE - 1));
        vm.prank(listener);
        ledger.payPrepaid(song, 1, PRICE - 1);
    }

    // --- the port -----------------------------------------------------------------------------------------------------

    function test_port_creditsWhatArrived() public {
        Payer payer = new Payer(ledger, token);
        give(address(payer), 1 ether);
        vm.expectEmit(address(ledger));
        emit ILedger.Credited(address(payer), payee, 1 ether);
        assertEq(payer.pay(payee, 1 ether, ""), 1 ether);
        assertEq(ledger.account(payee).balance, 0.99 ether);
        assertEq(ledger.account(payee).fee, 0.01 ether);
    }

    function test_port_nothingArrivedIsNothingCredited() public {
        Payer payer = new Payer(ledger, token);
        assertEq(payer.pay(payee, 0, ""), 0);
        assertEq(ledger.account(payee).balance, 0);
    }

    function test_port_ofNobodyIsRefused() public {
        Payer payer = new Payer(ledger, token);
        vm.expectRevert(abi.encodeWithSelector(ILedger.UnknownPayee.selector, 44));
        payer.pay(44, 1, "");
    }

    function test_port_countsNoMoneyTwice() public {
        Payer payer = new Payer(ledger, token);
        give(address(payer), 10 ether);
        bytes[6] memory tricks = [
            abi.encodeCall(ledger.deposit, (address(payer), 1 ether)),
            abi.encodeCall(ledger.tip, (song, 1 ether)),
            abi.encodeCall(ledger.payStream, (song, 1, PRICE)),
            abi.encodeCall(ledger.credit, (payee, abi.encode(1 ether))),
            abi.encodeCall(ledger.withdraw, (address(payer))),
            abi.encodeCall(ledger.settle, (new ILedger.Voucher[](0)))
        ];
        for (uint256 i; i < tricks.length; ++i) {
            payer.pay(payee, 1 ether, tricks[i]);
            assertEq(payer.answer(), bytes4(keccak256("ReentrancyGuardReentrantCall()")));
        }
        assertEq(inAccounts(), 6 ether);
        assertEq(token.balanceOf(address(ledger)), 6 ether);
    }

    function test_port_isPaused() public {
        Payer payer = new Payer(ledger, token);
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock + 1));
        vm.expectPartialRevert(ILedger.InflowsPaused.selector);
        payer.pay(payee, 0, "");
    }

    function permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 inner = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                listener,
                address(ledger),
                amount,
                token.nonces(listener),
                clock
            )
        );
        (v, r, s) = vm.sign(LISTENER_KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), inner)));
    }
}
