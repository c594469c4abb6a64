// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IStrategy} from "../interfaces/IStrategy.sol";
import {Signatures} from "../lib/Signatures.sol";

/// @title Gift: listening is free, and the artist thanks for it
/// @notice A listen costs nothing and needs no transaction. An attestor whom the artist chose signs how often a listener has listened
/// in all; the listener, or anyone, brings that here, and the reward is paid in CGC from the artist's own budget, never minted.
contract GiftEconomyStrategy is IStrategy, IERC165, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Bit of this strategy in a song's strategies.
    uint8 public constant STRATEGY = 2;
    /// @notice Listens of one listener that are rewarded once; those after them are multiplied.
    uint256 public constant REPEAT_AFTER = 5;
    /// @notice Highest multiplier.
    uint8 public constant MAX_MULTIPLIER = 5;
    /// @notice What the attestor signs.
    bytes32 public constant LISTENS_TYPEHASH =
        keccak256("Listens(bytes32 songId,address listener,uint64 cumulative,uint48 deadline)");

    /// @notice Terms of a gift song.
    /// @param perListen Wei of CGC for a listen.
    /// @param earlyBonus Wei of CGC, once, for each of the first listeners.
    /// @param earlyListeners How many listeners are the first.
    /// @param repeatMultiplier Times a listen counts after the fifth, 1 to 5.
    /// @param dailyCap Most wei of CGC a listener gets on one UTC day, bonus included; above 0.
    /// @param attestor Who signs listens: a key or an ERC-1271 wallet.
    struct Gift {
        uint96 perListen;
        uint96 earlyBonus;
        uint32 earlyListeners;
        uint8 repeatMultiplier;
        uint96 dailyCap;
        address attestor;
    }

    /// @notice Money of a song.
    /// @param budget Wei of CGC left.
    /// @param welcomed Listeners who were among the first.
    struct Fund {
        uint128 budget;
        uint32 welcomed;
    }

    /// @notice What is known of a listener of a song.
    /// @param listens Counted so far; never falls.
    /// @param day UTC day of the last reward, in days since 1970.
    /// @param paidToday Wei of CGC paid on that day.
    struct Profile {
        uint64 listens;
        uint32 day;
        uint96 paidToday;
    }

    /// @notice The Ledger that knows the songs.
    ILedger public immutable ledger;
    /// @notice CGC.
    IERC20 public immutable credit;

    mapping(bytes32 songId => Gift) private _gifts;
    mapping(bytes32 songId => Fund) private _funds;
    mapping(bytes32 songId => mapping(address listener => Profile)) private _profiles;

    event GiftConfigured(
        bytes32 indexed songId,
        address indexed attestor,
        uint96 perListen,
        uint96 earlyBonus,
        uint32 earlyListeners,
        uint8 repeatMultiplier,
        uint96 dailyCap
    );
    event GiftFunded(bytes32 indexed songId, address indexed from, uint256 amount);
    event GiftWithdrawn(bytes32 indexed songId, address indexed to, uint256 amount);
    /// @notice `listens` new ones were counted, `cumulative` in all, and `amount` wei of CGC paid for them.
    event ListensRewarded(
        bytes32 indexed songId, address indexed listener, uint256 listens, uint256 cumulative, uint256 amount
    );

    error NotArtist(bytes32 songId, address caller);
    error UnknownSong(bytes32 songId);
    error StrategyOff(bytes32 songId, uint8 strategy);
    /// @notice The multiplier is 1 to 5 and the daily cap above 0.
    error GiftWrong(uint8 repeatMultiplier, uint96 dailyCap);
    error ZeroAddress();
    error NothingToPay();
    error NotConfigured(bytes32 songId);
    error BudgetTooLow(uint256 budget, uint256 needed);
    error AmountTooLarge(uint256 amount);
    error SignatureExpired(uint256 deadline);
    error SignatureInvalid(address signer);
    /// @notice No listen beyond those counted already.
    error NothingNew(uint64 counted, uint64 cumulative);

    constructor(ILedger ledger_, IERC20 credit_) EIP712("Mycelix Gift", "1") {
        if (address(ledger_) == address(0) || address(credit_) == address(0)) revert ZeroAddress();
        ledger = ledger_;
        credit = credit_;
    }

    /// @notice Set the terms of the caller's song; they count for listens claimed from now on.
    function configure(bytes32 songId, Gift calldata gift_) external {
        _onlyArtist(songId);
        if (gift_.repeatMultiplier == 0 || gift_.repeatMultiplier > MAX_MULTIPLIER || gift_.dailyCap == 0) {
            revert GiftWrong(gift_.repeatMultiplier, gift_.dailyCap);
        }
        if (gift_.attestor == address(0)) revert ZeroAddress();
        _gifts[songId] = gift_;
        emit GiftConfigured(
            songId,
            gift_.attestor,
            gift_.perListen,
            gift_.earlyBonus,
            gift_.earlyListeners,
            gift_.repeatMultiplier,
            gift_.dailyCap
        );
    }

    /// @notice Put CGC into a song's budget. Anyone may; it is the artist's from then on.
    /// @param songId A configured song.
    /// @param amount Wei of CGC to take from the caller.
    /// @return received Wei that arrived.
    function fund(bytes32 songId, uint256 amount) external nonReentrant returns (uint256 received) {
        if (_gifts[songId].attestor == address(0)) revert NotConfigured(songId);
        if (amount == 0) revert NothingToPay();
        uint256 before = credit.balanceOf(address(this));
        credit.safeTransferFrom(msg.sender, address(this), amount);
        received = credit.balanceOf(address(this)) - before;
        Fund storage f = _funds[songId];
        uint256 budget = f.budget + received;
        if (budget > type(uint128).max) revert AmountTooLarge(received);
        // forge-lint: disable-next-line(unsafe-typecast) checked above
        f.budget = uint128(budget);
        emit GiftFunded(songId, msg.sender, received);
    }

    /// @notice Take back what was not paid for listens.
    /// @param songId Song of the caller.
    /// @param amount Wei of CGC.
    /// @param to Where it is sent.
    function withdrawUnused(bytes32 songId, uint256 amount, address to) external nonReentrant {
        _onlyArtist(songId);
        if (to == address(0)) revert ZeroAddress();
        if (amount == 0) revert NothingToPay();
        _spend(songId, amount);
        emit GiftWithdrawn(songId, to, amount);
        credit.safeTransfer(to, amount);
    }

    /// @notice Count a listener's listens and pay for the new ones. Anyone may bring the attestation; the listener is paid.
    /// @param songId Song that earns by gift.
    /// @param listener Who listened.
    /// @param cumulative Listens in all, as attested.
    /// @param deadline Last second of the attestation, Unix time.
    /// @param signature Of the attestor: 64 or 65 bytes, or whatever its wallet takes.
    /// @return amount Wei of CGC paid; less than earned where the daily cap is reached.
    function claimListens(
        bytes32 songId,
        address listener,
        uint64 cumulative,
        uint48 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint256 amount) {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        _checkOpen(songId);
        address attestor = _gifts[songId].attestor;
        if (attestor == address(0)) revert NotConfigured(songId);
        bytes32 digest =
            _hashTypedDataV4(keccak256(abi.encode(LISTENS_TYPEHASH, songId, listener, cumulative, deadline)));
        if (!Signatures.isValid(attestor, digest, signature)) revert SignatureInvalid(attestor);
        return _reward(songId, listener, cumulative);
    }

    /// @notice Terms of a song; the attestor is zero when it has none.
    function gift(bytes32 songId) external view returns (Gift memory) {
        return _gifts[songId];
    }

    /// @notice Budget of a song and how many of the first listeners were welcomed.
    function fundOf(bytes32 songId) external view returns (Fund memory) {
        return _funds[songId];
    }

    /// @notice What is known of a listener.
    function profile(bytes32 songId, address listener) external view returns (Profile memory) {
        return _profiles[songId][listener];
    }

    /// @inheritdoc IStrategy
    function hasAccess(bytes32 songId, address) external view returns (bool) {
        (,, uint8 strategies) = ledger.terms(songId);
        return strategies & STRATEGY != 0;
    }

    /// @inheritdoc IStrategy
    function quote(bytes32 songId, address) external view returns (uint256) {
        _checkOpen(songId);
        return 0;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IStrategy).interfaceId;
    }

    /// @notice CGC wei for new listens: the first five of a listener count once, later ones `repeatMultiplier` times.
    /// @param terms Terms.
    /// @param before Listens counted already.
    /// @param listens New ones.
    /// @param early The listener is one of the first and gets the bonus.
    /// @param paidToday Wei paid to the listener today.
    function rewardFor(Gift memory terms, uint256 before, uint256 listens, bool early, uint256 paidToday)
        public
        pure
        returns (uint256)
    {
        uint256 once = before < REPEAT_AFTER ? REPEAT_AFTER - before : 0;
        if (once > listens) once = listens;
        uint256 earned = uint256(terms.perListen) * (once + (listens - once) * terms.repeatMultiplier);
        if (early) earned += terms.earlyBonus;
        uint256 left = terms.dailyCap > paidToday ? terms.dailyCap - paidToday : 0;
        return earned < left ? earned : left;
    }

    function _reward(bytes32 songId, address listener, uint64 cumulative) private returns (uint256 amount) {
        Profile memory p = _profiles[songId][listener];
        if (cumulative <= p.listens) revert NothingNew(p.listens, cumulative);
        uint256 listens = cumulative - p.listens;
        Gift memory terms = _gifts[songId];
        bool early = p.listens == 0 && _funds[songId].welcomed < terms.earlyListeners;
        uint32 today = uint32(block.timestamp / 1 days);
        if (p.day != today) p.paidToday = 0;
        amount = rewardFor(terms, p.listens, listens, early, p.paidToday);
        // forge-lint: disable-next-line(unsafe-typecast) at most the daily cap
        _profiles[songId][listener] = Profile(cumulative, today, p.paidToday + uint96(amount));
        if (early) ++_funds[songId].welcomed;
        emit ListensRewarded(songId, listener, listens, cumulative, amount);
        if (amount != 0) {
            _spend(songId, amount);
            credit.safeTransfer(listener, amount);
        }
    }

    function _spend(bytes32 songId, uint256 amount) private {
        uint256 budget = _funds[songId].budget;
        if (amount > budget) revert BudgetTooLow(budget, amount);
        // forge-lint: disable-next-line(unsafe-typecast) less than before
        _funds[songId].budget = uint128(budget - amount);
    }

    function _checkOpen(bytes32 songId) private view {
        (,, uint8 strategies) = ledger.terms(songId);
        if (strategies & STRATEGY == 0) revert StrategyOff(songId, STRATEGY);
    }

    function _onlyArtist(bytes32 songId) private view {
        address artist = ledger.song(songId).artist;
        if (artist == address(0)) revert UnknownSong(songId);
        if (artist != msg.sender) revert NotArtist(songId, msg.sender);
    }
}
