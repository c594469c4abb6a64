// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ICreditor} from "../interfaces/ICreditor.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IStrategy} from "../interfaces/IStrategy.sol";

/// @title What strategies that charge listeners have in common
/// @notice They hold no money: what is paid goes from the listener straight to the payee's account in the Ledger, through its port,
/// so every strategy pays the same protocol fee. Listeners allow the strategy, not the Ledger, to take what it charges.
abstract contract StrategyBase is IStrategy, ICreditor {
    using SafeERC20 for IERC20;

    /// @notice The Ledger that knows the songs and keeps the accounts.
    ILedger public immutable ledger;
    /// @notice The payment token, FLOW.
    IERC20 public immutable token;

    /// @notice Only the song's artist may do this.
    error NotArtist(bytes32 songId, address caller);
    /// @notice The song is not registered.
    error UnknownSong(bytes32 songId);
    /// @notice The song does not earn this way, or not any more.
    error StrategyOff(bytes32 songId, uint8 strategy);
    /// @notice It costs more than the payer is willing to pay, wei.
    error CostsMore(uint256 cost, uint256 maxCost);
    /// @notice Fewer wei arrived than were charged.
    error TokenShort(uint256 expected, uint256 received);
    /// @notice Only the Ledger calls this.
    error NotLedger(address caller);

    constructor(ILedger ledger_) {
        ledger = ledger_;
        token = ledger_.token();
    }

    /// @inheritdoc ICreditor
    function onCredit(bytes calldata data) external virtual {
        _onlyLedger();
        (address payer, uint256 amount) = abi.decode(data, (address, uint256));
        token.safeTransferFrom(payer, address(ledger), amount);
    }

    /// @dev Charges `amount` wei to `payer` for a payee.
    function _charge(uint64 payee, address payer, uint256 amount) internal {
        uint256 received = ledger.credit(payee, abi.encode(payer, amount));
        if (received != amount) revert TokenShort(amount, received);
    }

    function _onlyLedger() internal view {
        if (msg.sender != address(ledger)) revert NotLedger(msg.sender);
    }

    function _onlyArtist(bytes32 songId) internal view {
        address artist = ledger.song(songId).artist;
        if (artist == address(0)) revert UnknownSong(songId);
        if (artist != msg.sender) revert NotArtist(songId, msg.sender);
    }

    /// @dev The payee of a song that earns by `strategy`.
    function _openFor(bytes32 songId, uint8 strategy) internal view returns (uint64 payee) {
        uint8 strategies;
        (payee,, strategies) = ledger.terms(songId);
        if (strategies & strategy == 0) revert StrategyOff(songId, strategy);
    }

    function _isStrategy(bytes4 id) internal pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IStrategy).interfaceId;
    }
}
