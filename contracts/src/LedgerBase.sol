// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IFeePolicy} from "./interfaces/IFeePolicy.sol";
import {ILedger} from "./interfaces/ILedger.sol";

/// @title What every part of the Ledger stands on: its storage, how an account is credited, who may do what
/// @dev Accounts are kept as one word assembled by hand, which saves about 1,000 gas a payment over writing the fields:
/// balance in bits 0 to 95, fee 96 to 191, streams 192 to 239, fee rate 240 to 255, as the struct `Account` would lie.
abstract contract LedgerBase is ILedger, EIP712, ReentrancyGuardTransient {
    struct Terms {
        uint64 payee;
        uint128 price;
        uint8 strategies;
        bool locked;
    }

    /// @notice Basis points in a whole.
    uint256 public constant BPS = 10_000;
    /// @notice Most recipients of a split.
    uint256 public constant MAX_RECIPIENTS = 100;
    /// @notice Bit of pay per stream in a song's strategies.
    uint8 public constant STREAM = 1;
    /// @notice All strategies there are: stream 1, gift 2, patronage 4, auction 8.
    uint8 public constant ALL_STRATEGIES = 15;
    /// @notice Longest pause of inflows, seconds.
    uint48 public constant MAX_PAUSE = 7 days;
    uint256 internal constant MAX_96 = type(uint96).max;

    /// @inheritdoc ILedger
    IERC20 public immutable token;
    /// @notice Where the fee of new payees and the treasury are read.
    IFeePolicy public immutable feePolicy;
    /// @notice Who may pause inflows for at most 7 days, and nothing else.
    address public immutable guardian;

    mapping(bytes32 songId => Terms) internal _terms;
    mapping(bytes32 songId => address) internal _artists;
    mapping(bytes32 songId => address) internal _offeredTo;
    mapping(uint64 payee => uint256) internal _accounts;
    /// @inheritdoc ILedger
    mapping(uint64 payee => bytes32) public splitHash;
    /// @inheritdoc ILedger
    mapping(address recipient => uint256) public claimable;
    /// @inheritdoc ILedger
    uint64 public payees;
    /// @notice Inflows are paused until this time, Unix seconds; 0 or past when they are not.
    uint48 public pausedUntil;
    /// @notice The guardian may pause again from this time on, Unix seconds.
    uint48 public pauseAllowedAt;

    constructor(IERC20 token_, IFeePolicy feePolicy_, address guardian_) EIP712("Mycelix Ledger", "1") {
        if (address(token_) == address(0) || address(feePolicy_) == address(0)) revert ZeroAddress();
        token = token_;
        feePolicy = feePolicy_;
        guardian = guardian_;
    }

    /// @dev Adds a gross payment to an account; the fee is rounded down. Reverts where it does not fit.
    function _credit(uint64 payee, uint256 gross, uint256 streams) internal {
        (uint256 word, bool fits) = _added(_accounts[payee], gross, streams);
        if (!fits) revert AmountTooLarge(gross);
        _accounts[payee] = word;
    }

    /// @dev An account's word after a gross payment, and whether it fits.
    function _added(uint256 word, uint256 gross, uint256 streams) internal pure returns (uint256, bool) {
        if (gross > MAX_96) return (word, false);
        unchecked {
            // Below 2^96 * 2^16; the sums of two numbers below 2^97 cannot overflow either.
            uint256 fee = gross * (word >> 240) / BPS;
            uint256 balance = (word & MAX_96) + gross - fee;
            uint256 fees = ((word >> 96) & MAX_96) + fee;
            uint256 played = ((word >> 192) & type(uint48).max) + streams;
            bool fits = balance <= MAX_96 && fees <= MAX_96 && played <= type(uint48).max;
            return (balance | fees << 96 | played << 192 | (word >> 240) << 240, fits);
        }
    }

    function _checkInflows() internal view {
        uint48 until = pausedUntil;
        if (block.timestamp < until) revert InflowsPaused(until);
    }

    function _checkPayee(uint64 payee) internal view {
        if (payee == 0 || payee > payees) revert UnknownPayee(payee);
    }
}
