// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IFeePolicy} from "./interfaces/IFeePolicy.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IStrategy} from "./interfaces/IStrategy.sol";
import {Signatures} from "./lib/Signatures.sol";

/// @title Songs, who gets paid, pay per stream and tips
/// @notice Money is pulled into a payee's account and leaves only by `distribute`, so one recipient that rejects tokens stops nobody.
/// Amounts are wei of the payment token; the price is gross: what the listener pays is price * count and the fee is part of it.
/// @dev Immutable and without an owner. Nobody can lower a balance, change an existing payee's split or raise its fee.
contract Ledger is ILedger, IStrategy, IERC165, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

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
    /// @dev What an artist signs so that somebody else may register the song for them.
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(address artist,bytes32 contentHash,uint64 payee,uint128 price,uint8 strategies,uint256 deadline)"
    );

    struct Terms {
        uint64 payee;
        uint128 price;
        uint8 strategies;
        bool locked;
    }

    /// @notice The payment token, FLOW.
    IERC20 public immutable token;
    /// @notice Where the fee of new payees and the treasury are read.
    IFeePolicy public immutable feePolicy;
    /// @notice Who may pause inflows for at most 7 days, and nothing else.
    address public immutable guardian;

    mapping(bytes32 songId => Terms) private _terms;
    mapping(bytes32 songId => address) private _artists;
    mapping(bytes32 songId => address) private _offeredTo;
    mapping(uint64 payee => Account) private _accounts;
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

    // --- who gets paid ------------------------------------------------------------------------------------------------

    /// @notice Make an account whose money is divided by `split` for ever. The fee rate of today is its ceiling.
    /// @param split Recipients and their basis points; 1 to 100, all above 0, sum 10,000.
    /// @param roles Free text for each recipient, kept in the event only.
    /// @return payee Its number.
    function createPayee(Split calldata split, string[] calldata roles) external returns (uint64 payee) {
        _checkSplit(split, roles.length);
        payee = ++payees;
        uint16 feeBps = feePolicy.feeBps();
        bytes32 hash = hashSplit(split);
        splitHash[payee] = hash;
        // Written with the fee rate at once, so that the first payment finds the slot in use.
        _accounts[payee].feeBps = feeBps;
        emit PayeeCreated(payee, hash, feeBps, split.to, split.bps, roles);
    }

    /// @notice Take over today's fee rate where it is lower than the payee's own. Anyone may call it.
    function lowerFee(uint64 payee) external {
        _checkPayee(payee);
        uint16 now_ = feePolicy.feeBps();
        uint16 current = _accounts[payee].feeBps;
        if (now_ >= current) revert FeeNotLower(now_, current);
        _accounts[payee].feeBps = now_;
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
        Account storage a = _accounts[payee];
        uint256 net = a.balance;
        uint256 fee = a.fee;
        if (net + fee == 0) revert NothingToPay();
        a.balance = 0;
        a.fee = 0;
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

    // --- songs --------------------------------------------------------------------------------------------------------

    /// @notice Register the caller's song.
    /// @param contentHash sha2-256 of the uploaded audio.
    /// @param payee Account that is credited.
    /// @param price Gross price of a stream in wei; above 0 where pay per stream is on.
    /// @param strategies Bitmask of strategies.
    /// @return songId keccak256(abi.encode(artist, contentHash)).
    function register(bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        external
        returns (bytes32 songId)
    {
        return _register(msg.sender, contentHash, payee, price, strategies);
    }

    /// @notice Register a song for an artist who signed for it.
    /// @param artist Who owns the song; signer of `Register(...)`, by key or by ERC-1271.
    /// @param contentHash sha2-256 of the uploaded audio.
    /// @param payee Account that is credited.
    /// @param price Gross price of a stream in wei.
    /// @param strategies Bitmask of strategies.
    /// @param deadline Last second the signature counts, Unix time.
    /// @param signature 64 or 65 bytes, or whatever the artist's contract wallet takes.
    function registerFor(
        address artist,
        bytes32 contentHash,
        uint64 payee,
        uint128 price,
        uint8 strategies,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 songId) {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REGISTER_TYPEHASH, artist, contentHash, payee, price, strategies, deadline))
        );
        if (!Signatures.isValid(artist, digest, signature)) revert SignatureInvalid(artist);
        return _register(artist, contentHash, payee, price, strategies);
    }

    /// @notice Change the price of a stream. Streams already paid are not touched.
    function setPrice(bytes32 songId, uint128 price) external {
        Terms storage t = _ownTerms(songId);
        if (t.strategies & STREAM != 0 && price == 0) revert PriceMissing();
        t.price = price;
        emit SongUpdated(songId, t.payee, price, t.strategies);
    }

    /// @notice Credit another payee from now on. What was earned stays with the old one.
    function setPayee(bytes32 songId, uint64 payee) external {
        Terms storage t = _ownTerms(songId);
        if (t.locked) revert SongLocked(songId);
        _checkPayee(payee);
        t.payee = payee;
        emit SongUpdated(songId, payee, t.price, t.strategies);
    }

    /// @notice Switch ways of earning on and off. What was sold is honoured all the same.
    function setStrategies(bytes32 songId, uint8 strategies) external {
        Terms storage t = _ownTerms(songId);
        _checkStrategies(strategies, t.price);
        t.strategies = strategies;
        emit SongUpdated(songId, t.payee, t.price, strategies);
    }

    /// @notice Fix who gets paid for this song for ever.
    function lockSplit(bytes32 songId) external {
        Terms storage t = _ownTerms(songId);
        if (t.locked) revert SongLocked(songId);
        t.locked = true;
        emit SplitLocked(songId, t.payee);
    }

    /// @notice Offer a song to another artist, who becomes its owner by `acceptSong`. The zero address withdraws the offer.
    function offerSong(bytes32 songId, address to) external {
        _ownTerms(songId);
        _offeredTo[songId] = to;
        emit SongTransferOffered(songId, msg.sender, to);
    }

    /// @notice Take over a song that was offered to the caller. Its id, payee and price stay.
    function acceptSong(bytes32 songId) external {
        if (_offeredTo[songId] != msg.sender) revert NotOfferedTo(songId, msg.sender);
        address from = _artists[songId];
        delete _offeredTo[songId];
        _artists[songId] = msg.sender;
        emit SongTransferred(songId, from, msg.sender);
    }

    // --- listening ----------------------------------------------------------------------------------------------------

    /// @notice Pay streams of a song at its price.
    /// @param songId Song.
    /// @param count Streams, at least 1.
    /// @param maxCost Most wei the listener is willing to pay in all; protects against a price rise on the way.
    function payStream(bytes32 songId, uint32 count, uint256 maxCost) external nonReentrant {
        _checkInflows();
        Terms memory t = _terms[songId];
        if (t.payee == 0) revert UnknownSong(songId);
        if (t.strategies & STREAM == 0) revert StrategyOff(songId, STREAM);
        if (count == 0) revert NothingToPay();
        uint256 cost = uint256(t.price) * count;
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        _credit(t.payee, cost, count);
        emit StreamPaid(songId, msg.sender, count, cost);
        token.safeTransferFrom(msg.sender, address(this), cost);
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
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Stop new payments for at most 7 days; the pause ends by itself and cannot be repeated for 7 days after. Paying out
    /// and claiming never stop. A time in the past ends a pause early.
    /// @param until Unix seconds.
    function pauseInflows(uint48 until) external {
        if (msg.sender != guardian) revert NotGuardian(msg.sender);
        uint48 nowAt = uint48(block.timestamp);
        if (until > nowAt) {
            if (until > nowAt + MAX_PAUSE) revert PauseTooLong(until, nowAt + MAX_PAUSE);
            if (nowAt < pauseAllowedAt) revert PauseTooSoon(pauseAllowedAt);
            pauseAllowedAt = until + MAX_PAUSE;
        }
        pausedUntil = until;
        emit PausedUntil(until);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    /// @inheritdoc ILedger
    function song(bytes32 songId) external view returns (Song memory) {
        Terms memory t = _terms[songId];
        return Song(_artists[songId], t.payee, t.price, t.strategies, t.locked);
    }

    /// @inheritdoc ILedger
    function account(uint64 payee) external view returns (Account memory) {
        return _accounts[payee];
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
    function songIdOf(address artist, bytes32 contentHash) public pure returns (bytes32) {
        return keccak256(abi.encode(artist, contentHash));
    }

    /// @inheritdoc ILedger
    function hashSplit(Split calldata split) public pure returns (bytes32) {
        return keccak256(abi.encode(split.to, split.bps));
    }

    // --- inside -------------------------------------------------------------------------------------------------------

    function _register(address artist, bytes32 contentHash, uint64 payee, uint128 price, uint8 strategies)
        private
        returns (bytes32 songId)
    {
        songId = songIdOf(artist, contentHash);
        if (_terms[songId].payee != 0) revert SongExists(songId);
        _checkPayee(payee);
        _checkStrategies(strategies, price);
        _terms[songId] = Terms(payee, price, strategies, false);
        _artists[songId] = artist;
        emit SongRegistered(songId, artist, payee, contentHash, price, strategies);
    }

    /// @dev Adds a gross payment to an account; the fee is rounded down.
    function _credit(uint64 payee, uint256 gross, uint256 streams) private {
        if (gross > type(uint96).max) revert AmountTooLarge(gross);
        Account storage slot = _accounts[payee];
        Account memory a = slot;
        uint256 fee = gross * a.feeBps / BPS;
        uint256 balance = a.balance + (gross - fee);
        uint256 played = a.streams + streams;
        if (balance > type(uint96).max) revert AmountTooLarge(balance);
        if (played > type(uint48).max) revert AmountTooLarge(played);
        // forge-lint: disable-start(unsafe-typecast) checked above; the fee is at most 5 % of what passed the check
        slot.balance = uint96(balance);
        slot.fee = uint96(a.fee + fee);
        slot.streams = uint48(played);
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _divide(Split calldata split, uint256 net, bool push) private {
        uint256 cumulative;
        uint256 before;
        uint256 n = split.to.length;
        for (uint256 i; i < n; ++i) {
            cumulative += split.bps[i];
            uint256 upTo = net * cumulative / BPS;
            if (upTo != before) _payOut(split.to[i], upTo - before, push);
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

    function _ownTerms(bytes32 songId) private view returns (Terms storage t) {
        t = _terms[songId];
        if (t.payee == 0) revert UnknownSong(songId);
        if (_artists[songId] != msg.sender) revert NotArtist(songId, msg.sender);
    }

    function _checkInflows() private view {
        uint48 until = pausedUntil;
        if (block.timestamp < until) revert InflowsPaused(until);
    }

    function _checkPayee(uint64 payee) private view {
        if (splitHash[payee] == 0) revert UnknownPayee(payee);
    }

    function _checkStrategies(uint8 strategies, uint128 price) private pure {
        if (strategies > ALL_STRATEGIES) revert UnknownStrategies(strategies);
        if (strategies & STREAM != 0 && price == 0) revert PriceMissing();
    }

    function _checkSplit(Split calldata split, uint256 roles) private pure {
        uint256 n = split.to.length;
        if (n == 0 || n > MAX_RECIPIENTS || n != split.bps.length || n != roles) {
            revert SplitLength(n, split.bps.length, roles);
        }
        uint256 sum;
        for (uint256 i; i < n; ++i) {
            if (split.to[i] == address(0)) revert SplitRecipientZero(i);
            if (split.bps[i] == 0) revert SplitShareZero(i);
            sum += split.bps[i];
        }
        if (sum != BPS) revert SplitSum(sum);
    }
}
