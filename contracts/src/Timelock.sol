// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Compiled from here so that its artifact is shipped: the FeePolicy belongs to one with a delay of 48 hours.
import {TimelockController as OpenZeppelinTimelock} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Owner of the fee policy: what is proposed can be seen for the delay before it counts
contract TimelockController is OpenZeppelinTimelock {
    /// @param minDelay Seconds between a proposal and its execution.
    /// @param proposers Who may propose and cancel.
    /// @param executors Who may execute when the time has come.
    /// @param admin Gives roles besides the timelock itself; zero for nobody.
    constructor(uint256 minDelay, address[] memory proposers, address[] memory executors, address admin)
        OpenZeppelinTimelock(minDelay, proposers, executors, admin)
    {}
}
