// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {PatronageBase} from "../../src/strategies/PatronageBase.sol";
import {PatronageStrategy} from "../../src/strategies/PatronageStrategy.sol";
import {Fixture} from "../utils/Fixture.sol";
import {BlockToken, FalseToken, HookToken, IHook, SilentToken, TaxedToken} from "../utils/Tokens.sol";

/// @notice Calls back into the Ledger while money moves.
contract Attacker is IHook {
    Ledger private immutable _ledger;
    bytes private _call;
    bool public tried;
    bytes4 public answer;

    constructor(Ledger ledger) {
        _ledger = ledger;
    }

    function arm(bytes calldata call) external {
        _call = call;
    }

    function onMoved(address, address, uint256) external {
        if (tried) return;
        tried = true;
        (bool ok, bytes memory why) = address(_ledger).call(_call);
        if (!ok) answer = bytes4(why);
    }
}

/// @notice Tokens that do not behave as the standard says.
contract OddTokensTest is Fixture {
    Ledger private odd;
    bytes32 private id;

    function test_silentToken_paysInAndOut() public {
        SilentToken silent = new SilentToken();
        silent.mint(listener, 1 ether);
        open(IERC20(address(silent)));
        vm.prank(listener);
        silent.approve(address(odd), 1 ether);
        vm.prank(listener);
        odd.payStream(id, 1, PRICE);
        odd.distribute(1, usual(), true);
        assertEq(silent.balanceOf(treasury), PRICE / 100);
        assertEq(silent.balanceOf(address(odd)), 0);
    }

    function test_falseToken_aPaymentThatSaysFalseIsRefused() public {
        FalseToken liar = funded(new FalseToken());
        liar.setRefuses(true);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        vm.prank(listener);
        odd.payStream(id, 1, PRICE);
        assertEq(odd.account(1).balance, 0);
    }

    function test_falseToken_aPayoutThatSaysFalseWaitsToBeClaimed() public {
        FalseToken liar = funded(new FalseToken());
        vm.prank(listener);
        odd.payStream(id, 1, PRICE);
        liar.setRefuses(true);
        odd.distribute(1, usual(), true);
        assertEq(odd.claimable(friend), 0.001485 ether);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        vm.prank(friend);
        odd.claim(friend);
        liar.setRefuses(false);
        vm.prank(friend);
        odd.claim(friend);
        assertEq(liar.balanceOf(friend), 0.001485 ether);
    }

    function test_blocklist_oneWhoCannotReceiveStopsNobody() public {
        BlockToken token_ = new BlockToken();
        token_.mint(listener, 1 ether);
        open(IERC20(address(token_)));
        vm.startPrank(listener);
        token_.approve(address(odd), 1 ether);
        odd.payStream(id, 100, 1 ether);
        vm.stopPrank();
        token_.setBlocked(artist, true);
        vm.expectEmit(address(odd));
        emit ILedger.TransferDeferred(artist, 0.8415 ether);
        odd.distribute(1, usual(), true);
        assertEq(token_.balanceOf(friend), 0.1485 ether);
        assertEq(token_.balanceOf(treasury), 0.01 ether);
        vm.prank(artist);
        odd.claim(other);
        assertEq(token_.balanceOf(other), 0.8415 ether);
    }

    function test_blocklist_aTreasuryThatCannotReceiveStopsNobody() public {
        BlockToken token_ = new BlockToken();
        token_.mint(listener, 1 ether);
        open(IERC20(address(token_)));
        vm.startPrank(listener);
        token_.approve(address(odd), 1 ether);
        odd.payStream(id, 1, PRICE);
        vm.stopPrank();
        token_.setBlocked(treasury, true);
        odd.distribute(1, usual(), true);
        assertEq(odd.claimable(treasury), PRICE / 100);
    }

    function test_hooks_cannotReenterAnythingThatMovesMoney() public {
        bytes[4] memory calls = [
            abi.encodeCall(Ledger.payStream, (bytes32(0), 1, 1)),
            abi.encodeCall(Ledger.tip, (bytes32(0), 1)),
            abi.encodeCall(Ledger.distribute, (1, usual(), true)),
            abi.encodeCall(Ledger.claim, (address(this)))
        ];
        for (uint256 i; i < calls.length; ++i) {
            HookToken token_ = new HookToken();
            token_.mint(listener, 1 ether);
            open(IERC20(address(token_)));
            Attacker attacker = new Attacker(odd);
            attacker.arm(calls[i]);
            token_.setHook(address(attacker));
            vm.startPrank(listener);
            token_.approve(address(odd), 1 ether);
            odd.payStream(id, 1, PRICE);
            vm.stopPrank();
            assertTrue(attacker.tried());
            assertEq(attacker.answer(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            assertEq(token_.balanceOf(address(odd)), PRICE);
        }
    }

    function test_taxedToken_strategiesAndPursesCountWhatArrives() public {
        TaxedToken taxed = new TaxedToken();
        taxed.mint(listener, 1_000 gwei);
        open(IERC20(address(taxed)));
        AuctionStrategy auction = AuctionStrategy(make("AuctionStrategy", abi.encode(odd)));
        vm.startPrank(artist);
        odd.setStrategies(id, 8);
        auction.create(id, 500 gwei, 100 gwei, 0, 1, 1, 0, 0);
        vm.stopPrank();
        vm.startPrank(listener);
        taxed.approve(address(auction), 1_000 gwei);
        vm.expectRevert(abi.encodeWithSelector(ILedger.TokenShort.selector, 500 gwei, 495 gwei));
        auction.buy(id, listener, 500 gwei);
    }

    function test_taxedToken_aRoundOfRenewalsIsRefusedWhole() public {
        TaxedToken taxed = new TaxedToken();
        taxed.mint(listener, 1_000 gwei);
        open(IERC20(address(taxed)));
        PatronageStrategy patronage = PatronageStrategy(make("PatronageStrategy", abi.encode(odd)));
        vm.startPrank(artist);
        odd.setStrategies(id, 4);
        uint256 plan = patronage.createPlan(id, 100 gwei, 1, [uint16(0), 0, 0, 0], true);
        vm.stopPrank();
        vm.startPrank(listener);
        taxed.approve(address(odd), 1_000 gwei);
        odd.deposit(listener, 500 gwei);
        odd.setSession(address(patronage), type(uint48).max, type(uint96).max);
        patronage.subscribeFromPurse(id, listener, 1, 100 gwei);
        patronage.setAutoRenew(plan, 100 gwei, false);
        taxed.approve(address(patronage), 1_000 gwei);
        vm.stopPrank();
        skip(30 days);
        address[] memory patrons = new address[](1);
        patrons[0] = listener;
        vm.expectRevert(abi.encodeWithSelector(PatronageBase.TokenShort.selector, 100 gwei, 99 gwei));
        patronage.renewMany(plan, patrons);
    }

    /// What is credited has arrived: a token that keeps a part of transfers cannot make the Ledger owe more than it holds.
    function test_taxedToken_cannotPayStreamsOrTips() public {
        TaxedToken taxed = new TaxedToken();
        taxed.mint(listener, 1 ether);
        open(IERC20(address(taxed)));
        vm.startPrank(listener);
        taxed.approve(address(odd), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ILedger.TokenShort.selector, PRICE, PRICE * 99 / 100));
        odd.payStream(id, 1, PRICE);
        vm.expectRevert(abi.encodeWithSelector(ILedger.TokenShort.selector, 100, 99));
        odd.tip(id, 100);
    }

    function funded(FalseToken token_) private returns (FalseToken) {
        token_.mint(listener, 1 ether);
        open(IERC20(address(token_)));
        vm.prank(listener);
        token_.approve(address(odd), 1 ether);
        return token_;
    }

    function open(IERC20 token_) private {
        odd = makeLedger(address(token_), address(policy));
        odd.createPayee(usual(), new string[](2));
        vm.prank(artist);
        id = odd.register(CONTENT, 1, PRICE, STREAM);
    }
}
