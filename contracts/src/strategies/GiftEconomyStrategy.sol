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
        uint96 budget;
        uint32 welcomed;
    }

    /// @dev What every claim needs, in two words assembled by hand: attestor in bits 0 to 159 and wei for a listen 160 to 255; budget in
    /// bits 0 to 95, daily cap 96 to 191, welcomed 192 to 223, multiplier 224 to 231.
    struct Terms {
        uint256 who;
        uint256 money;
    }

    /// @dev A `Profile` in one word: listens in bits 0 to 63, day 64 to 95, paid on it 96 to 191.
    struct Known {
        uint256 packed;
    }

    /// @dev What only a new listener's claim needs.
    struct Welcome {
        uint96 earlyBonus;
        uint32 earlyListeners;
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

    mapping(bytes32 songId => Terms) private _terms;
    mapping(bytes32 songId => Welcome) private _welcomes;
    mapping(bytes32 songId => mapping(address listener => Known)) private _profiles;
    uint256 private constant MAX_96 = type(uint96).max;
    uint256 private constant WELCOMED = 192;
    uint256 private constant MULTIPLIER = 224;

    /// @notice How a song thanks its listeners: amounts in wei of CGC, counted by `attestor`, at most `dailyCap` a listener and UTC day.
    event GiftConfigured(
        bytes32 indexed songId,
        address indexed attestor,
        uint96 perListen,
        uint96 earlyBonus,
        uint32 earlyListeners,
        uint8 repeatMultiplier,
        uint96 dailyCap
    );
    /// @notice `amount` wei of CGC were put into a song's budget.
    event GiftFunded(bytes32 indexed songId, address indexed from, uint256 amount);
    /// @notice `amount` wei of CGC that were not used left a song's budget.
    event GiftWithdrawn(bytes32 indexed songId, address indexed to, uint256 amount);
    /// @notice `listens` new ones were counted, `cumulative` in all, and `amount` wei of CGC paid for them.
    event ListensRewarded(
        bytes32 indexed songId, address indexed listener, uint256 listens, uint256 cumulative, uint256 amount
    );

    /// @notice The caller is not the artist of the song.
    error NotArtist(bytes32 songId, address caller);
    /// @notice No song is registered by this id.
    error UnknownSong(bytes32 songId);
    /// @notice The song does not earn in this way.
    error StrategyOff(bytes32 songId, uint8 strategy);
    /// @notice The multiplier is 1 to 5 and the daily cap above 0.
    error GiftWrong(uint8 repeatMultiplier, uint96 dailyCap);
    /// @notice The address is 0.
    error ZeroAddress();
    /// @notice The count or the amount is 0.
    error NothingToPay();
    /// @notice The song has no gift terms.
    error NotConfigured(bytes32 songId);
    /// @notice The song's budget holds fewer wei of CGC than are needed.
    error BudgetTooLow(uint256 budget, uint256 needed);
    /// @notice The wei do not fit the field that holds them.
    error AmountTooLarge(uint256 amount);
    /// @notice The signature was good until `deadline`, Unix seconds.
    error SignatureExpired(uint256 deadline);
    /// @notice The signature is not one of `signer`.
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
        Terms storage t = _terms[songId];
        t.who = uint160(gift_.attestor) | uint256(gift_.perListen) << 160;
        uint256 kept = t.money & (MAX_96 | uint256(type(uint32).max) << WELCOMED);
        t.money = kept | uint256(gift_.dailyCap) << 96 | uint256(gift_.repeatMultiplier) << MULTIPLIER;
        _welcomes[songId] = Welcome(gift_.earlyBonus, gift_.earlyListeners);
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
        Terms storage t = _terms[songId];
        if (t.who == 0) revert NotConfigured(songId);
        if (amount == 0) revert NothingToPay();
        uint256 before = credit.balanceOf(address(this));
        credit.safeTransferFrom(msg.sender, address(this), amount);
        received = credit.balanceOf(address(this)) - before;
        uint256 money = t.money;
        if (received > MAX_96 - (money & MAX_96)) revert AmountTooLarge(received);
        t.money = money + received;
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
        Terms storage t = _terms[songId];
        uint256 money = t.money;
        if (amount > money & MAX_96) revert BudgetTooLow(money & MAX_96, amount);
        t.money = money - amount;
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
        Terms storage t = _terms[songId];
        uint256 who = t.who;
        if (who == 0) revert NotConfigured(songId);
        bytes32 digest =
            _hashTypedDataV4(keccak256(abi.encode(LISTENS_TYPEHASH, songId, listener, cumulative, deadline)));
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        if (!Signatures.isValid(address(uint160(who)), digest, signature)) {
            revert SignatureInvalid(address(uint160(who)));
        }
        return _reward(songId, listener, cumulative, t, who >> 160);
    }

    /// @notice Terms of a song; the attestor is zero when it has none.
    function gift(bytes32 songId) external view returns (Gift memory) {
        (uint256 who, uint256 money) = (_terms[songId].who, _terms[songId].money);
        Welcome memory w = _welcomes[songId];
        // forge-lint: disable-start(unsafe-typecast) the fields of the words
        return Gift(
            uint96(who >> 160),
            w.earlyBonus,
            w.earlyListeners,
            uint8(money >> MULTIPLIER),
            uint96(money >> 96),
            address(uint160(who))
        );
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @notice Budget of a song and how many of the first listeners were welcomed.
    function fundOf(bytes32 songId) external view returns (Fund memory) {
        uint256 money = _terms[songId].money;
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        return Fund(uint96(money), uint32(money >> WELCOMED));
    }

    /// @notice What is known of a listener.
    function profile(bytes32 songId, address listener) external view returns (Profile memory) {
        uint256 p = _profiles[songId][listener].packed;
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        return Profile(uint64(p), uint32(p >> 64), uint96(p >> 96));
    }

    /// @inheritdoc IStrategy
    function hasAccess(bytes32 songId, address) external view returns (bool) {
        return ledger.isEarning(songId, STRATEGY);
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
    function rewardFor(Gift memory terms, uint64 before, uint64 listens, bool early, uint256 paidToday)
        external
        pure
        returns (uint256)
    {
        uint256 bonus = early ? terms.earlyBonus : 0;
        return _capped(
            uint256(terms.perListen) * _weight(before, listens, terms.repeatMultiplier) + bonus,
            terms.dailyCap,
            paidToday
        );
    }

    /// @dev How often new listens count.
    function _weight(uint256 before, uint256 listens, uint256 multiplier) private pure returns (uint256) {
        unchecked {
            // The larger is on the left of each difference; listens have 64 bits.
            uint256 once = before < REPEAT_AFTER ? REPEAT_AFTER - before : 0;
            return once < listens ? once + (listens - once) * multiplier : listens;
        }
    }

    function _capped(uint256 earned, uint256 dailyCap, uint256 paidToday) private pure returns (uint256) {
        unchecked {
            uint256 left = dailyCap > paidToday ? dailyCap - paidToday : 0;
            return earned < left ? earned : left;
        }
    }

    function _reward(bytes32 songId, address listener, uint256 cumulative, Terms storage t, uint256 perListen)
        private
        returns (uint256 amount)
    {
        Known storage known = _profiles[songId][listener];
        uint256 p = known.packed;
        uint256 money = t.money;
        uint256 before = p & type(uint64).max;
        // forge-lint: disable-next-line(unsafe-typecast) 64 bits each
        if (cumulative <= before) revert NothingNew(uint64(before), uint64(cumulative));
        if (before == 0) (amount, money) = _welcome(songId, money);
        uint256 today = block.timestamp / 1 days;
        p = (p >> 64) & type(uint32).max == today ? p >> 96 : 0;
        unchecked {
            // 96 bits times at most 5 * 2^64; paid today are at most the daily cap, and paid at all at most the budget.
            amount += perListen * _weight(before, cumulative - before, money >> MULTIPLIER);
            amount = _capped(amount, (money >> 96) & MAX_96, p);
            if (amount > money & MAX_96) revert BudgetTooLow(money & MAX_96, amount);
            known.packed = cumulative | today << 64 | (p + amount) << 96;
            t.money = money - amount;
            emit ListensRewarded(songId, listener, cumulative - before, cumulative, amount);
        }
        if (amount != 0) credit.safeTransfer(listener, amount);
    }

    /// @dev The bonus of a listener who is new, and the money word that counts it among the first.
    function _welcome(bytes32 songId, uint256 money) private view returns (uint256, uint256) {
        Welcome memory w = _welcomes[songId];
        if ((money >> WELCOMED) & type(uint32).max >= w.earlyListeners) return (0, money);
        return (w.earlyBonus, money + (1 << WELCOMED));
    }

    function _checkOpen(bytes32 songId) private view {
        if (!ledger.isEarning(songId, STRATEGY)) revert StrategyOff(songId, STRATEGY);
    }

    function _onlyArtist(bytes32 songId) private view {
        address artist = ledger.song(songId).artist;
        if (artist == address(0)) revert UnknownSong(songId);
        if (artist != msg.sender) revert NotArtist(songId, msg.sender);
    }
}
