// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title CGC, the token artists thank listeners with
/// @notice There are never more than 1,000,000,000. Rewards are paid from budgets that artists fund; nothing is minted for a listen.
contract CreditToken is ERC20, ERC20Permit, ERC20Capped, Ownable {
    constructor(address owner_)
        ERC20("Cultural Gift Credit", "CGC")
        ERC20Permit("Cultural Gift Credit")
        ERC20Capped(1_000_000_000 ether)
        Ownable(owner_)
    {}

    /// @notice Bring credits into the world, up to the cap.
    /// @param to Who gets them.
    /// @param amount Wei of CGC.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Capped) {
        super._update(from, to, amount);
    }
}
