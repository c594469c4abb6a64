// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {LedgerBase} from "./LedgerBase.sol";
import {LedgerPurses} from "./LedgerPurses.sol";
import {LedgerSongs} from "./LedgerSongs.sol";
import {IFeePolicy} from "./interfaces/IFeePolicy.sol";
import {ICharger, ICreditor} from "./interfaces/ICreditor.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";

/// @title Songs, who gets paid, pay per stream, purses and tips
/// @notice Money is pulled into a payee's account and leaves only by `distribute`, so one recipient that rejects tokens stops nobody.
/// Amounts are wei of the payment token; the price is gross: what the listener pays is price * count and the fee is part of it.
/// @dev Immutable and without an owner. Nobody can lower a balance, change an existing payee's split or raise its fee.
contract Ledger is LedgerSongs, LedgerPurses, IStrategy, IERC165 {
    using SafeERC20 for IERC20;

    constructor(IERC20 token_, IFeePolicy feePolicy_, address guardian_) LedgerBase(token_, feePolicy_, guardian_) {}

    // --- who gets paid ------------------------------------------------------------------------------------------------

    /// @notice Make an account whose money is divided by `split` for ever. Its fee rate is `newFeeBps`, and may only fall.
    /// @param split Recipients and their basis points; 1 to 100, all above 0, sum 10,000.
    /// @param roles Free text for each recipient, kept in the event only.
    /// @return payee Its number.
    function createPayee(Split calldata split, string[] calldata roles) external returns (uint64 payee) {
        _checkSplit(split, roles.length);
        bytes32 hash = hashSplit(split);
        uint256 feeBps = newFeeBps;
        unchecked {
            // One slot of 2^64 numbers, each of which costs a transaction.
            payee = ++payees;
        }
        splitHash[payee] = hash;
        // Written with the fee rate at once, so that the first payment finds the slot in use.
        _accounts[payee] = feeBps << 240;
        _emitCreated(payee, hash, feeBps, split, roles);
    }

    /// @notice Take over the policy's fee rate for payees made from now on. Anyone may call it; until somebody does, new payees get the
    /// rate before.
    function updateFee() external {
        uint16 feeBps = feePolicy.feeBps();
        newFeeBps = feeBps;
        emit NewFee(feeBps);
    }

    /// @notice Take over the policy's fee rate of today where it is lower than the payee's own. Anyone may call it.
    function lowerFee(uint64 payee) external {
        _checkPayee(payee);
        uint16 now_ = feePolicy.feeBps();
        uint256 word = _accounts[payee];
        uint256 current = word >> 240;
        // forge-lint: disable-next-line(unsafe-typecast) 16 bits are left
        if (now_ >= current) revert FeeNotLower(now_, uint16(current));
        _accounts[payee] = word & (type(uint256).max >> 16) | uint256(now_) << 240;
        emit PayeeFeeLowered(payee, now_);
    }

    /// @notice Pay out everything a payee has, without dust: recipient i gets floor(net * cum(i) / 10,000) - floor(net * cum(i-1) / 10,000).
    /// @param payee Account to empty. Anyone may call it.
    /// @param split The split it was created with.
    /// @param push True to transfer now (a transfer that fails is set aside to be claimed), false to set all aside.
    function distribute(uint64 payee, Split calldata split, bool push) external nonReentrant {
        bytes32 hash = hashSplit(split);
        bytes32 expected = splitHash[payee];
        if (expected == 0) revert UnknownPayee(payee);
        if (hash != expected) revert SplitOther(expected, hash);
        uint256 word = _accounts[payee];
        uint256 net = word & MAX_96;
        uint256 fee = (word >> 96) & MAX_96;
        if (net + fee == 0) revert NothingToPay();
        _accounts[payee] = word >> 192 << 192;
        emit Distributed(payee, net, fee, push);
        _divide(split, net, push);
        if (fee != 0) _payOut(feePolicy.treasury(), fee, push);
    }

    /// @notice Collect what waits for the caller.
    /// @param to Where it is sent.
    /// @return amount Wei.
    function claim(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        amount = claimable[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        claimable[msg.sender] = 0;
        emit Claimed(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // --- listening ----------------------------------------------------------------------------------------------------

    /// @notice Pay streams of a song at its price.
    /// @param songId Song.
    /// @param count Streams, at least 1.
    /// @param maxCost Most wei the listener is willing to pay in all; protects against a price rise on the way.
    function payStream(bytes32 songId, uint32 count, uint256 maxCost) external nonReentrant {
        _checkInflows();
        _pull(_stream(songId, count, maxCost));
    }

    /// @notice Thank the people behind a song, whatever its strategies.
    /// @param songId Song.
    /// @param amount Wei, gross.
    function tip(bytes32 songId, uint256 amount) external nonReentrant {
        _checkInflows();
        uint64 payee = _terms[songId].payee;
        if (payee == 0) revert UnknownSong(songId);
        if (amount == 0) revert NothingToPay();
        _credit(payee, amount, 0);
        emit Tipped(songId, msg.sender, amount);
        _pull(amount);
    }

    /// @notice The open port: any contract pays any payee through it. The Ledger calls `onCredit(data)` on the caller, which moves
    /// tokens here, and credits exactly what arrived, measured by its balance before and after.
    /// @param payee Account that is credited, one payment: the fee is rounded down once.
    /// @param data Handed back to the caller.
    /// @return received Wei, gross; 0 when nothing arrived.
    function credit(uint64 payee, bytes calldata data) external nonReentrant returns (uint256 received) {
        _checkInflows();
        _checkPayee(payee);
        uint256 before = _held();
        ICreditor(msg.sender).onCredit(data);
        received = _held() - before;
        if (received != 0) {
            _credit(payee, received, 0);
            emit Credited(msg.sender, payee, received);
        }
    }

    /// @notice The port for one payment of one listener, to whoever is paid for a song. The Ledger calls `takeFrom(payer, amount)` on
    /// the caller, and exactly `amount` must have arrived then.
    /// @param songId Song that earns by the caller's way.
    /// @param payer Handed back to the caller.
    /// @param amount Wei, gross.
    /// @param strategy Bit of the way of earning.
    /// @return payee Who was credited.
    function creditSong(bytes32 songId, address payer, uint256 amount, uint8 strategy)
        external
        nonReentrant
        returns (uint64 payee)
    {
        _checkInflows();
        payee = _earning(songId, strategy);
        uint256 before = _held();
        _takeFrom(payer, amount);
        uint256 received = _held() - before;
        if (received != amount) revert TokenShort(amount, received);
        if (amount != 0) {
            _credit(payee, amount, 0);
            emit Credited(msg.sender, payee, amount);
        }
    }

    /// @notice Stop new payments for at most 7 days; the pause ends by itself and cannot be repeated for 7 days after. Paying out
    /// and claiming never stop. A time in the past ends a pause early.
    /// @dev The first wei sent along is the coin by which payments see without a cold read that there may be a pause. It cannot leave
    /// before the pause is over (`returnCoin`), and ether that somebody forces in makes payments dearer, never wrong.
    /// @param until Unix seconds.
    function pauseInflows(uint48 until) external payable {
        if (msg.sender != guardian) revert NotGuardian(msg.sender);
        uint48 nowAt = uint48(block.timestamp);
        if (until > nowAt) {
            if (until > nowAt + MAX_PAUSE) revert PauseTooLong(until, nowAt + MAX_PAUSE);
            if (nowAt < pauseAllowedAt) revert PauseTooSoon(pauseAllowedAt);
            if (address(this).balance == 0) revert CoinMissing();
            pauseAllowedAt = until + MAX_PAUSE;
        }
        pausedUntil = until;
        emit PausedUntil(until);
    }

    /// @notice Give the guardian back what ether is in here, once nothing is paused, so that payments cost less again. Anyone may.
    function returnCoin() external {
        _checkInflows();
        (bool ok,) = guardian.call{value: address(this).balance}("");
        if (!ok) revert CoinRefused(guardian);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    /// @inheritdoc ILedger
    function song(bytes32 songId) external view returns (Song memory) {
        Terms memory t = _terms[songId];
        return Song(_artists[songId], t.payee, t.price, t.strategies, t.locked);
    }

    /// @inheritdoc ILedger
    function terms(bytes32 songId) external view returns (uint64 payee, uint128 price, uint8 strategies) {
        Terms storage t = _terms[songId];
        return (t.payee, t.price, t.strategies);
    }

    /// @inheritdoc ILedger
    function isEarning(bytes32 songId, uint8 strategy) external view returns (bool) {
        return (_packedTerms(songId) >> 192) & strategy != 0;
    }

    /// @inheritdoc ILedger
    function account(uint64 payee) external view returns (Account memory) {
        uint256 word = _accounts[payee];
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        return Account(uint96(word), uint96(word >> 96), uint48(word >> 192), uint16(word >> 240));
    }

    /// @notice Who the song was offered to, zero when it is not.
    function offeredTo(bytes32 songId) external view returns (address) {
        return _offeredTo[songId];
    }

    /// @inheritdoc IStrategy
    /// @dev A stream is paid each time, so nobody has lasting access by it; a song without any strategy is open.
    function hasAccess(bytes32 songId, address) external view returns (bool) {
        Terms memory t = _terms[songId];
        return t.payee != 0 && t.strategies == 0;
    }

    /// @inheritdoc IStrategy
    function quote(bytes32 songId, address) external view returns (uint256) {
        Terms memory t = _terms[songId];
        if (t.payee == 0) revert UnknownSong(songId);
        if (t.strategies & STREAM == 0) revert StrategyOff(songId, STREAM);
        return t.price;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IStrategy).interfaceId || id == type(ILedger).interfaceId;
    }

    /// @inheritdoc ILedger
    function hashSplit(Split calldata split) public pure returns (bytes32 hash) {
        address[] calldata to = split.to;
        uint16[] calldata bps = split.bps;
        // keccak256(abi.encode(to, bps)), copied as it came: every element is checked where it is used.
        assembly ("memory-safe") {
            let p := mload(0x40)
            let first := shl(5, to.length)
            let second := shl(5, bps.length)
            let q := add(p, add(0x60, first))
            mstore(p, 0x40)
            mstore(add(p, 0x20), add(0x60, first))
            mstore(add(p, 0x40), to.length)
            calldatacopy(add(p, 0x60), to.offset, first)
            mstore(q, bps.length)
            calldatacopy(add(q, 0x20), bps.offset, second)
            hash := keccak256(p, add(sub(q, p), add(0x20, second)))
        }
    }

    // --- inside ---------------------------------------------------------------------------------------------------------

    /// @dev ICharger(msg.sender).takeFrom(payer, amount), without asking first whether there is code: who has none moves nothing.
    function _takeFrom(address payer, uint256 amount) private {
        bytes4 selector = ICharger.takeFrom.selector;
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, selector)
            mstore(add(p, 4), payer)
            mstore(add(p, 0x24), amount)
            if iszero(call(gas(), caller(), 0, p, 0x44, 0, 0)) {
                returndatacopy(p, 0, returndatasize())
                revert(p, returndatasize())
            }
        }
    }

    function _divide(Split calldata split, uint256 net, bool push) private {
        address[] calldata to = split.to;
        uint16[] calldata bps = split.bps;
        uint256 cumulative;
        uint256 before;
        uint256 n = to.length;
        for (uint256 i; i < n; ++i) {
            cumulative += bps[i];
            uint256 upTo = net * cumulative / BPS;
            if (upTo != before) _payOut(to[i], upTo - before, push);
            before = upTo;
        }
    }

    /// @dev Transfers, or sets aside when asked to or when the transfer fails.
    function _payOut(address to, uint256 amount, bool push) private {
        if (push) {
            if (to != address(this) && token.trySafeTransfer(to, amount)) return;
            emit TransferDeferred(to, amount);
        }
        claimable[to] += amount;
    }

    /// @dev emit PayeeCreated(payee, hash, feeBps, split.to, split.bps, roles), without the detours of abi.encode: lists are copied as
    /// they came, and so are the roles where they stand as every encoder lays them, one behind another with zeros up to whole words.
    function _emitCreated(uint64 payee, bytes32 hash, uint256 feeBps, Split calldata split, string[] calldata roles)
        private
    {
        address[] calldata to = split.to;
        uint16[] calldata bps = split.bps;
        bytes32 topic = PayeeCreated.selector;
        bool sound = true;
        assembly ("memory-safe") {
            let start := mload(0x40)
            let size := add(0x20, shl(5, to.length))
            // feeBps, then where each list begins; a list stands in the calldata behind its length
            mstore(start, feeBps)
            mstore(add(start, 0x20), 0x80)
            mstore(add(start, 0x40), add(0x80, size))
            let list := add(0x80, shl(1, size))
            mstore(add(start, 0x60), list)
            calldatacopy(add(start, 0x80), sub(to.offset, 0x20), size)
            calldatacopy(add(start, add(0x80, size)), sub(bps.offset, 0x20), size)
            list := add(start, list)
            // each role begins where the one before it ends
            let end := shl(5, roles.length)
            for { let i := 0 } lt(i, roles.length) { i := add(i, 1) } {
                let role := add(roles.offset, end)
                let length := calldataload(role)
                sound := and(sound, eq(calldataload(add(roles.offset, shl(5, i))), end))
                sound := and(sound, lt(length, 0x10000))
                let last := and(length, 0x1f)
                if last {
                    let word := calldataload(add(role, and(add(length, 0x1f), not(0x1f))))
                    sound := and(sound, iszero(shl(shl(3, last), word)))
                }
                end := add(end, add(0x20, and(add(length, 0x1f), not(0x1f))))
            }
            sound := and(sound, iszero(gt(add(roles.offset, end), calldatasize())))
            if sound {
                calldatacopy(list, sub(roles.offset, 0x20), add(end, 0x20))
                log3(start, sub(add(add(list, 0x20), end), start), topic, payee, hash)
            }
        }
        if (!sound) revert RolesMalformed();
    }

    function _checkSplit(Split calldata split, uint256 roles) private pure {
        address[] calldata to = split.to;
        uint16[] calldata bps = split.bps;
        uint256 n = to.length;
        if (n == 0 || n > MAX_RECIPIENTS || n != bps.length || n != roles) revert SplitLength(n, bps.length, roles);
        uint256 sum;
        for (uint256 i; i < n; ++i) {
            uint256 recipient;
            uint256 share;
            assembly ("memory-safe") {
                // as they came, where the compiler would check each access three times
                recipient := calldataload(add(to.offset, shl(5, i)))
                share := calldataload(add(bps.offset, shl(5, i)))
            }
            if (recipient == 0 || recipient > type(uint160).max) revert SplitRecipientZero(i);
            if (share == 0) revert SplitShareZero(i);
            if (share > BPS) revert SplitSum(share);
            unchecked {
                // At most 100 times 10,000.
                sum += share;
            }
        }
        if (sum != BPS) revert SplitSum(sum);
    }
}
