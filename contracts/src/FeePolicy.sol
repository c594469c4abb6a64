// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IFeePolicy} from "./interfaces/IFeePolicy.sol";

/// @title The protocol fee and who receives it
/// @notice The owner (a 48 h TimelockController in production) can change only these two. The rate applies to payees created
/// afterwards; what a payee was promised at its creation never rises.
contract FeePolicy is IFeePolicy, Ownable2Step {
    /// @notice Highest fee there can ever be: 500 basis points.
    uint16 public constant MAX_FEE_BPS = 500;
    /// @notice Time between scheduling a change and its effect, in seconds.
    uint48 public constant DELAY = 2 days;

    /// @inheritdoc IFeePolicy
    uint16 public feeBps;
    /// @notice The scheduled rate in basis points; meaningful while `pendingAt` is not 0.
    uint16 public pendingFeeBps;
    /// @notice When the scheduled rate may be applied, Unix seconds; 0 when nothing is scheduled.
    uint48 public pendingAt;
    /// @inheritdoc IFeePolicy
    address public treasury;

    /// @notice A rate was scheduled and may be applied from `at` on.
    event FeeScheduled(uint16 feeBps, uint48 at);
    /// @notice The rate of new payees, or the treasury, changed.
    event FeeChanged(uint16 feeBps, address treasury);

    /// @notice More than 500 basis points.
    error FeeTooHigh(uint16 feeBps, uint16 max);
    /// @notice Nothing is scheduled, or its time has not come.
    error NotDue(uint48 at, uint48 nowAt);
    /// @notice The zero address cannot receive.
    error ZeroAddress();

    constructor(address owner_, address treasury_, uint16 feeBps_) Ownable(owner_) {
        if (treasury_ == address(0)) revert ZeroAddress();
        if (feeBps_ > MAX_FEE_BPS) revert FeeTooHigh(feeBps_, MAX_FEE_BPS);
        treasury = treasury_;
        feeBps = feeBps_;
        emit FeeChanged(feeBps_, treasury_);
    }

    /// @notice Schedule a rate for payees created after it is applied.
    /// @param newFeeBps Basis points, at most 500.
    function scheduleFee(uint16 newFeeBps) external onlyOwner {
        if (newFeeBps > MAX_FEE_BPS) revert FeeTooHigh(newFeeBps, MAX_FEE_BPS);
        pendingFeeBps = newFeeBps;
        pendingAt = uint48(block.timestamp) + DELAY;
        emit FeeScheduled(newFeeBps, pendingAt);
    }

    /// @notice Apply the scheduled rate once its time has come. Anyone may call it.
    function applyFee() external {
        uint48 at = pendingAt;
        if (at == 0 || block.timestamp < at) revert NotDue(at, uint48(block.timestamp));
        feeBps = pendingFeeBps;
        pendingAt = 0;
        emit FeeChanged(feeBps, treasury);
    }

    /// @notice Change who receives the fee from now on.
    /// @param newTreasury Receiver of fees collected afterwards.
    function setTreasury(address newTreasury) external onlyOwner {
        if (newTreasury == address(0)) revert ZeroAddress();
        treasury = newTreasury;
        emit FeeChanged(feeBps, newTreasury);
    }
}
