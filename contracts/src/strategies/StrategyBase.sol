// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ICharger} from "../interfaces/ICreditor.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IStrategy} from "../interfaces/IStrategy.sol";

/// @title What strategies that charge listeners have in common
/// @notice They hold no money: what is paid goes from the listener straight to the payee's account in the Ledger, through its port,
/// so every strategy pays the same protocol fee. Listeners allow the strategy, not the Ledger, to take what it charges; or they keep
/// money in a purse and give the strategy a session there (`Ledger.setSession`), which costs less and ends by itself.
abstract contract StrategyBase is IStrategy, ICharger {
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
    /// @notice Only the Ledger calls this.
    error NotLedger(address caller);

    constructor(ILedger ledger_) {
        ledger = ledger_;
        token = ledger_.token();
    }

    /// @inheritdoc ICharger
    function takeFrom(address payer, uint256 amount) external {
        _onlyLedger();
        token.safeTransferFrom(payer, address(ledger), amount);
    }

    /// @dev ledger.creditSong(songId, payer, amount, strategy), or chargePurse with the same. The answer is not needed, and that the
    /// Ledger has code is known.
    function _charge(bytes32 songId, address payer, uint256 amount, uint8 strategy, bool fromPurse) internal {
        address to = address(ledger);
        bytes4 selector = fromPurse ? ILedger.chargePurse.selector : ILedger.creditSong.selector;
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, selector)
            mstore(add(p, 4), songId)
            mstore(add(p, 0x24), payer)
            mstore(add(p, 0x44), amount)
            mstore(add(p, 0x64), strategy)
            if iszero(call(gas(), to, 0, p, 0x84, 0, 0)) {
                returndatacopy(p, 0, returndatasize())
                revert(p, returndatasize())
            }
        }
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
