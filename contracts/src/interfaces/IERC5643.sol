// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The views of ERC-5643, subscriptions as tokens
/// @notice A token id is plan << 160 | patron.
interface IERC5643 {
    /// @notice End of the paid time, Unix seconds; 0 for nobody.
    function expiresAt(uint256 tokenId) external view returns (uint64);

    /// @notice Whether it can be renewed now.
    function isRenewable(uint256 tokenId) external view returns (bool);
}
