// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A way a song can earn
/// @notice What players and indexers ask of any strategy, the Ledger's own pay-per-stream included.
interface IStrategy {
    /// @notice Whether `listener` may hear `song` in full now.
    /// @param song Song id: keccak256(artist, contentHash).
    /// @param listener Who wants to hear it.
    function hasAccess(bytes32 song, address listener) external view returns (bool);

    /// @notice What `listener` would pay now for the next stream, period or pass, in wei of FLOW, gross.
    /// @param song Song id.
    /// @param listener Who would pay.
    function quote(bytes32 song, address listener) external view returns (uint256);
}
