// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The protocol fee
interface IFeePolicy {
    /// @notice Fee of payees created from now on, in basis points of the gross; at most 500.
    function feeBps() external view returns (uint16);

    /// @notice Who receives the fee.
    function treasury() external view returns (address);
}
