// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IFeePolicy} from "./interfaces/IFeePolicy.sol";
import {ILedger} from "./interfaces/ILedger.sol";

/// @title What every part of the Ledger stands on: its storage, how an account is credited, who may do what
/// @dev Accounts are kept as one word assembled by hand, which saves about 1,000 gas a payment over writing the fields:
/// balance in bits 0 to 95, fee 96 to 191, streams 192 to 239, fee rate 240 to 255, as the struct `Account` would lie.
abstract contract LedgerBase is ILedger, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice How a song earns.
    /// @param payee Account it earns for.
    /// @param price Wei a stream, gross.
    /// @param strategies Bitmask of ways to earn.
    /// @param locked Whether the payee is fixed for ever.
    struct Terms {
        uint64 payee;
        uint128 price;
        uint8 strategies;
        bool locked;
    }

    uint256 internal constant BPS = 10_000;
    /// @notice Most recipients of a split.
    uint256 public constant MAX_RECIPIENTS = 100;
    /// @notice Bit of pay per stream in a song's strategies.
    uint8 public constant STREAM = 1;
    /// @dev All strategies there are: stream 1, gift 2, patronage 4, auction 8.
    uint8 internal constant ALL_STRATEGIES = 15;
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
    /// @notice Fee of payees made from now on, basis points: the policy's rate when somebody last called `updateFee`. It shares a word
    /// with `payees`, so that a new payee need not ask another contract, 5,200 gas.
    uint16 public newFeeBps;

    constructor(IERC20 token_, IFeePolicy feePolicy_, address guardian_) EIP712("Mycelix Ledger", "1") {
        if (address(token_) == address(0) || address(feePolicy_) == address(0)) revert ZeroAddress();
        token = token_;
        feePolicy = feePolicy_;
        guardian = guardian_;
        newFeeBps = feePolicy_.feeBps();
    }

    /// @dev Adds a gross payment to an account; the fee is rounded down. Reverts where it does not fit.
    function _credit(uint64 payee, uint256 gross, uint256 streams) internal {
        uint256 slot = _accountSlot(payee);
        (uint256 word, bool fits) = _added(_load(slot), gross, streams);
        if (!fits) revert AmountTooLarge(gross);
        _store(slot, word);
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
            bool fits = (balance | fees) >> 96 | played >> 48 == 0;
            return (balance | fees << 96 | played << 192 | (word >> 240) << 240, fits);
        }
    }

    /// @dev A song's terms in one read: payee in bits 0 to 63, price 64 to 191, strategies 192 to 199, locked 200.
    function _packedTerms(bytes32 songId) internal view returns (uint256 packed) {
        Terms storage slot = _terms[songId];
        assembly ("memory-safe") {
            packed := sload(slot.slot)
        }
    }

    /// @dev Who is paid for a song that earns by a way.
    function _earning(bytes32 songId, uint8 strategy) internal view returns (uint64 payee) {
        uint256 packed = _packedTerms(songId);
        // forge-lint: disable-next-line(unsafe-typecast) the fields of Terms
        payee = uint64(packed);
        if (payee == 0) revert UnknownSong(songId);
        if ((packed >> 192) & strategy == 0) revert StrategyOff(songId, strategy);
    }

    /// @dev Where an account's word lies, computed once for reading and writing.
    function _accountSlot(uint64 payee) internal pure returns (uint256 slot) {
        assembly ("memory-safe") {
            mstore(0, payee)
            mstore(0x20, _accounts.slot)
            slot := keccak256(0, 0x40)
        }
    }

    function _load(uint256 slot) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function _store(uint256 slot, uint256 word) internal {
        assembly ("memory-safe") {
            sstore(slot, word)
        }
    }

    /// @dev Takes wei from the caller, or reverts: what is credited has arrived, whatever the token does.
    function _pull(uint256 amount) internal {
        uint256 before = _held();
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = _held() - before;
        if (received != amount) revert TokenShort(amount, received);
    }

    /// @dev token.balanceOf(address(this)), asked twice in every payment: without the detours of the compiler half as dear.
    function _held() internal view returns (uint256 amount) {
        address from = address(token);
        bytes4 selector = IERC20.balanceOf.selector;
        assembly ("memory-safe") {
            mstore(0, selector)
            mstore(4, address())
            let ok := staticcall(gas(), from, 0, 0x24, 0, 0x20)
            if iszero(and(ok, gt(returndatasize(), 0x1f))) { revert(0, 0) }
            amount := mload(0)
        }
    }

    /// @dev A pause leaves a coin in here (see `pauseInflows`). Without one there is no pause, and that costs 5 gas to know; the
    /// time itself stands in a slot that is cold for everyone who pays, 2,100 gas.
    function _checkInflows() internal view {
        if (address(this).balance != 0 && block.timestamp < pausedUntil) revert InflowsPaused(pausedUntil);
    }

    function _checkPayee(uint64 payee) internal view {
        if (payee == 0 || payee > payees) revert UnknownPayee(payee);
    }
}
