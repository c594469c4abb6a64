// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What the Ledger asks of a contract that pays through its port
interface ICreditor {
    /// @notice Move tokens to the Ledger now. Only the Ledger calls it, and only within the caller's own `credit`.
    /// @param data What was given to `credit`.
    function onCredit(bytes calldata data) external;
}
