// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {FeePolicy} from "../../src/FeePolicy.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice The protocol fee, and the payment token of local and test networks.
contract FeesAndFlowTest is Fixture {
    function test_feePolicy_startsAsMade() public {
        vm.expectEmit();
        emit FeePolicy.FeeChanged(250, treasury);
        FeePolicy made = makePolicy(treasury, 250);
        assertEq(made.feeBps(), 250);
        assertEq(made.treasury(), treasury);
        assertEq(made.owner(), owner);
    }

    function test_feePolicy_neverAboveFivePercent() public {
        vm.expectRevert(abi.encodeWithSelector(FeePolicy.FeeTooHigh.selector, 501, 500));
        makePolicy(treasury, 501);
        vm.expectRevert(abi.encodeWithSelector(FeePolicy.FeeTooHigh.selector, 501, 500));
        vm.prank(owner);
        policy.scheduleFee(501);
        vm.prank(owner);
        policy.scheduleFee(500);
    }

    function test_feePolicy_needsATreasury() public {
        vm.expectRevert(FeePolicy.ZeroAddress.selector);
        makePolicy(address(0), 100);
        vm.expectRevert(FeePolicy.ZeroAddress.selector);
        vm.prank(owner);
        policy.setTreasury(address(0));
    }

    function test_feePolicy_aChangeWaitsTwoDays() public {
        uint48 due = uint48(clock) + 2 days;
        vm.expectEmit(address(policy));
        emit FeePolicy.FeeScheduled(300, due);
        vm.prank(owner);
        policy.scheduleFee(300);
        assertEq(policy.feeBps(), 100);
        skip(2 days - 1);
        vm.expectRevert(abi.encodeWithSelector(FeePolicy.NotDue.selector, due, due - 1));
        policy.applyFee();
        skip(1);
        vm.expectEmit(address(policy));
        emit FeePolicy.FeeChanged(300, treasury);
        policy.applyFee();
        assertEq(policy.feeBps(), 300);
        assertEq(policy.pendingAt(), 0);
    }

    function test_feePolicy_appliesOnlyOnce() public {
        vm.expectRevert(abi.encodeWithSelector(FeePolicy.NotDue.selector, 0, clock));
        policy.applyFee();
        vm.prank(owner);
        policy.scheduleFee(300);
        skip(2 days);
        policy.applyFee();
        vm.expectRevert(abi.encodeWithSelector(FeePolicy.NotDue.selector, 0, clock));
        policy.applyFee();
    }

    function test_feePolicy_aNewScheduleReplacesTheOldAndWaitsAnew() public {
        vm.prank(owner);
        policy.scheduleFee(300);
        skip(1 days);
        vm.prank(owner);
        policy.scheduleFee(50);
        skip(1 days);
        vm.expectPartialRevert(FeePolicy.NotDue.selector);
        policy.applyFee();
        skip(1 days);
        policy.applyFee();
        assertEq(policy.feeBps(), 50);
    }

    function test_feePolicy_onlyItsOwner() public {
        bytes memory no = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, other);
        vm.startPrank(other);
        vm.expectRevert(no);
        policy.scheduleFee(0);
        vm.expectRevert(no);
        policy.setTreasury(other);
    }

    function test_feePolicy_changesHandsInTwoSteps() public {
        vm.prank(owner);
        policy.transferOwnership(other);
        assertEq(policy.owner(), owner);
        vm.prank(other);
        policy.acceptOwnership();
        assertEq(policy.owner(), other);
    }

    function test_feePolicy_treasuryChangesAtOnce() public {
        vm.expectEmit(address(policy));
        emit FeePolicy.FeeChanged(100, other);
        vm.prank(owner);
        policy.setTreasury(other);
        assertEq(policy.treasury(), other);
    }

    // --- FLOW ---------------------------------------------------------------------------------------------------------

    function test_flow_onlyItsOwnerMints() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, other));
        vm.prank(other);
        token.mint(other, 1);
        assertEq(token.decimals(), 18);
    }

    function test_flow_permitAllowsWithoutATransaction() public {
        permit(clock);
        assertEq(token.allowance(listener, address(policy)), 5 ether);
        assertEq(token.nonces(listener), 1);
    }

    function test_flow_permitIsNotReplayed() public {
        (uint8 v, bytes32 r, bytes32 s) = permit(clock);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        token.permit(listener, address(policy), 5 ether, clock, v, r, s);
    }

    function test_flow_permitEnds() public {
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, clock - 1));
        token.permit(listener, address(policy), 1, clock - 1, 27, bytes32(0), bytes32(0));
    }

    function permit(uint256 deadline) private returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 inner = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                listener,
                address(policy),
                5 ether,
                token.nonces(listener),
                deadline
            )
        );
        (v, r, s) = vm.sign(LISTENER_KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), inner)));
        token.permit(listener, address(policy), 5 ether, deadline, v, r, s);
    }
}
