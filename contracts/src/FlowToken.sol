// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title FLOW for local and test networks
/// @notice On Gnosis the Ledger is deployed with the real token's address instead.
contract FlowToken is ERC20, ERC20Permit, Ownable {
    constructor(address owner_) ERC20("Flow", "FLOW") ERC20Permit("Flow") Ownable(owner_) {}

    /// @notice Make test money.
    /// @param to Who gets it.
    /// @param amount Wei.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
