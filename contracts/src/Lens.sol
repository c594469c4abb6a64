// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "./interfaces/ILedger.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title Many answers in one call, for programs that show a library
/// @notice Holds nothing and can change nothing. Answers stand in the order of the questions.
contract Lens {
    /// @notice What a listener may and would pay, by one strategy.
    /// @param access The listener may hear it in full now.
    /// @param quoted A price could be named.
    /// @param price Wei, gross; 0 when none could be named.
    struct Offer {
        bool access;
        bool quoted;
        uint256 price;
    }

    /// @notice The Ledger that is asked.
    ILedger public immutable ledger;

    constructor(ILedger ledger_) {
        ledger = ledger_;
    }

    /// @notice Songs as they stand; zeros for unknown ones.
    function songs(bytes32[] calldata songIds) external view returns (ILedger.Song[] memory found) {
        found = new ILedger.Song[](songIds.length);
        for (uint256 i; i < songIds.length; ++i) {
            found[i] = ledger.song(songIds[i]);
        }
    }

    /// @notice Accounts of payees, wei.
    function accounts(uint64[] calldata payees) external view returns (ILedger.Account[] memory found) {
        found = new ILedger.Account[](payees.length);
        for (uint256 i; i < payees.length; ++i) {
            found[i] = ledger.account(payees[i]);
        }
    }

    /// @notice What waits to be claimed, wei.
    function claimables(address[] calldata recipients) external view returns (uint256[] memory found) {
        found = new uint256[](recipients.length);
        for (uint256 i; i < recipients.length; ++i) {
            found[i] = ledger.claimable(recipients[i]);
        }
    }

    /// @notice Purses of listeners.
    function purses(address[] calldata listeners) external view returns (ILedger.Purse[] memory found) {
        found = new ILedger.Purse[](listeners.length);
        for (uint256 i; i < listeners.length; ++i) {
            found[i] = ledger.purse(listeners[i]);
        }
    }

    /// @notice What a listener may hear and would pay: a row for each song, a column for each strategy. A strategy that refuses to
    /// answer counts as no access and no price.
    function offers(address[] calldata strategies, bytes32[] calldata songIds, address listener)
        external
        view
        returns (Offer[][] memory found)
    {
        found = new Offer[][](songIds.length);
        for (uint256 i; i < songIds.length; ++i) {
            found[i] = new Offer[](strategies.length);
            for (uint256 j; j < strategies.length; ++j) {
                found[i][j] = _offer(IStrategy(strategies[j]), songIds[i], listener);
            }
        }
    }

    function _offer(IStrategy strategy, bytes32 songId, address listener) private view returns (Offer memory o) {
        try strategy.hasAccess(songId, listener) returns (bool access) {
            o.access = access;
        } catch {}
        try strategy.quote(songId, listener) returns (uint256 price) {
            (o.quoted, o.price) = (true, price);
        } catch {}
    }
}
