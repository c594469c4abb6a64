// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What the Ledger asks of a contract that pays through its open port
interface ICreditor {
    /// @notice Move tokens to the Ledger now. Only the Ledger calls it, and only within the caller's own `credit`.
    /// @param data What was given to `credit`.
    function onCredit(bytes calldata data) external;
}

/// @title What the Ledger asks of a contract that charges a listener for a song
interface ICharger {
    /// @notice Move tokens of a listener to the Ledger now. Only the Ledger calls it, and only within the caller's own `creditSong`.
    /// @param payer What was given to `creditSong`.
    /// @param amount Wei; exactly so many must arrive.
    function takeFrom(address payer, uint256 amount) external;
}

/// @title What the Ledger asks of a contract that charges many purses at once
interface IPurseCharger {
    /// @notice Learn which purses were charged. Only the Ledger calls it, and only within the caller's own `chargePurses`.
    /// @param songId What was given to `chargePurses`.
    /// @param charges The same.
    /// @param refused Bit i is set when charge i was refused: too little in the purse, or no session that lets the caller take so much.
    function onCharged(bytes32 songId, uint256[] calldata charges, uint256 refused) external;
}
