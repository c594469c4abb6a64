// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ICreditor} from "../interfaces/ICreditor.sol";
import {IERC5643} from "../interfaces/IERC5643.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {StrategyBase} from "./StrategyBase.sol";

/// @title Patronage: a price every 30 days, a week of grace, and a discount that grows with the time paid without a gap
/// @notice A renewal extends the old end, so nothing drifts; after the grace it starts anew and the loyalty with it. Loyalty counts
/// paid time only. A keeper charges when due, once a period, and never above the price the patron agreed to.
contract PatronageStrategy is StrategyBase, ICreditor, IERC165, IERC5643 {
    using SafeERC20 for IERC20;

    /// @notice Bit of this strategy in a song's strategies.
    uint8 public constant STRATEGY = 4;
    /// @notice Seconds of a period.
    uint256 public constant PERIOD = 30 days;
    /// @notice Seconds after the paid time in which a renewal keeps the loyalty.
    uint256 public constant GRACE = 7 days;
    /// @notice Most periods that can be prepaid.
    uint256 public constant MAX_PERIODS = 12;
    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_40 = type(uint40).max;
    uint256 private constant MAX_96 = type(uint96).max;
    uint256 private constant OPEN_BIT = 1 << 176;
    uint256 private constant AUTO_BIT = 1 << 232;
    /// @dev `AUTO_BIT` where the agreed price is bits 0 to 95.
    uint256 private constant AUTO_RENEW = AUTO_BIT >> 120;

    /// @notice Terms of patronage of a song.
    /// @param songId Song.
    /// @param price Wei, gross, every 30 days.
    /// @param minimumPeriods Periods prepaid at the first subscription, 1 to 12.
    /// @param tierBps Discount on a renewal at each tier, basis points; never falling from tier to tier, nor by an update.
    /// @param earlyCancel A patron may stop renewals before the minimum is over.
    /// @param open New patrons and renewals are taken.
    struct Plan {
        bytes32 songId;
        uint96 price;
        uint8 minimumPeriods;
        uint16[4] tierBps;
        bool earlyCancel;
        bool open;
    }

    /// @dev A plan in one word, found by its song, so that what patrons pay costs one cold read here: price in bits 0 to 95, discounts
    /// 96 to 159 (16 each, the first tier lowest), minimum 160 to 167, early cancel 168, open 176, number 184 to 247.
    struct Kept {
        uint96 price;
        uint64 tiers;
        uint8 minimumPeriods;
        bool earlyCancel;
        bool open;
        uint64 id;
    }

    /// @notice A patron of a plan.
    /// @param start Begin of the paid continuous time, Unix seconds; 0 for nobody.
    /// @param paidThrough End of the paid time, Unix seconds; never falls.
    /// @param committedUntil Before this a plan without early cancel cannot be cancelled, Unix seconds.
    /// @param agreedPrice Highest list price a keeper may charge, wei.
    /// @param periods Periods ever paid.
    /// @param autoRenew A keeper may renew.
    struct Subscription {
        uint40 start;
        uint40 paidThrough;
        uint40 committedUntil;
        uint96 agreedPrice;
        uint16 periods;
        bool autoRenew;
    }

    /// @dev A word behind a pointer, so that its place is computed once for reading and writing.
    struct Word {
        uint256 packed;
    }

    /// @notice Why a renewal by a keeper is refused: nobody, not due yet, after the grace, not agreed to, the price rose above what was
    /// agreed, the plan or the way of earning is closed, or the patron's allowance or balance is too low.
    enum Refusal {
        None,
        NoSubscription,
        NotDue,
        Lapsed,
        NotAgreed,
        PriceRose,
        PlanClosed,
        Payment
    }

    mapping(bytes32 songId => Kept) private _plans;
    /// @dev A `Subscription` in one word assembled by hand: start in bits 0 to 39, paid through 40 to 79, committed 80 to 119, agreed
    /// price 120 to 215, periods 216 to 231, renewal 232. By plan and patron in one number, as ERC-5643 names it.
    mapping(uint256 tokenId => Word) private _subscriptions;
    /// @notice The song of a plan, 0 when there is no such plan.
    mapping(uint256 plan => bytes32) public songOf;
    /// @notice Number of the newest plan.
    uint256 public plans;
    /// @dev Wei charged by keepers' rounds in this transaction.
    uint256 private transient _batch;

    event PlanCreated(
        uint256 indexed plan,
        bytes32 indexed songId,
        uint96 price,
        uint8 minimumPeriods,
        uint16[4] tierBps,
        bool earlyCancel
    );
    event PlanUpdated(uint256 indexed plan, uint96 price, uint16[4] tierBps, bool open);
    /// @notice `payer` paid `amount` wei, gross, for `periods` from `start` on.
    event Subscribed(
        uint256 indexed plan, address indexed patron, address payer, uint256 amount, uint256 periods, uint256 start
    );
    /// @notice A renewal at `amount` wei, gross; the paid time ends at `paidThrough`. Renewals of one transaction are credited to the
    /// payee together: the fee of the sum is rounded down once, and each one's part of it follows by cumulative rounding in order.
    event Renewed(uint256 indexed plan, address indexed patron, uint256 amount, uint256 paidThrough);
    /// @notice A keeper's renewal was refused; `reason` is a `Refusal`.
    event RenewalFailed(uint256 indexed plan, address indexed patron, uint8 reason);
    /// @notice A keeper may renew at list prices up to `maxPrice` wei.
    event AutoRenewSet(uint256 indexed plan, address indexed patron, uint96 maxPrice);
    /// @notice No more renewals by a keeper; access lasts until `paidThrough`.
    event Cancelled(uint256 indexed plan, address indexed patron, uint256 paidThrough);

    error PlanExists(bytes32 songId, uint256 plan);
    error UnknownPlan(uint256 plan);
    /// @notice The song has no plan.
    error NoPlan(bytes32 songId);
    error PlanClosed(uint256 plan);
    error PriceMissing();
    error MinimumWrong(uint256 periods, uint256 most);
    /// @notice Discounts never fall with the tier, never shrink by an update, and are at most all.
    error DiscountWrong(uint256 tier);
    /// @notice Periods to pay are at least the plan's minimum and at most 12.
    error PeriodsWrong(uint256 periods, uint256 least, uint256 most);
    error AlreadySubscribed(address patron, uint256 paidThrough);
    error NotSubscribed(address patron);
    error TooFarAhead(uint256 paidThrough);
    error NotRenewable(address patron, Refusal reason);
    error Committed(uint256 until);
    error ZeroAddress();
    /// @notice Fewer wei arrived than were charged.
    error TokenShort(uint256 expected, uint256 received);

    constructor(ILedger ledger_) StrategyBase(ledger_) {}

    // --- plans --------------------------------------------------------------------------------------------------------

    /// @notice Offer patronage of the caller's song.
    /// @param songId Song of the caller that earns by patronage; one plan a song.
    /// @param price Wei, gross, every 30 days; above 0.
    /// @param minimumPeriods Periods prepaid at the first subscription, 1 to 12.
    /// @param tierBps Discounts at tiers 1 to 4 (0, 90, 180, 365 days of paid time), basis points.
    /// @param earlyCancel Whether renewals can be stopped before the minimum is over.
    function createPlan(
        bytes32 songId,
        uint96 price,
        uint8 minimumPeriods,
        uint16[4] calldata tierBps,
        bool earlyCancel
    ) external returns (uint256 planId) {
        _onlyArtist(songId);
        _openFor(songId, STRATEGY);
        if (planOf(songId) != 0) revert PlanExists(songId, planOf(songId));
        if (minimumPeriods == 0 || minimumPeriods > MAX_PERIODS) revert MinimumWrong(minimumPeriods, MAX_PERIODS);
        _checkTerms(price, 0, tierBps);
        planId = ++plans;
        songOf[planId] = songId;
        // forge-lint: disable-next-line(unsafe-typecast) plans are counted, and each costs a transaction
        _plans[songId] = Kept(price, _packed(tierBps), minimumPeriods, earlyCancel, true, uint64(planId));
        emit PlanCreated(planId, songId, price, minimumPeriods, tierBps, earlyCancel);
    }

    /// @notice Change price and discounts from now on. A rise needs each patron's consent before a keeper charges it.
    /// @param planId Plan of the caller's song.
    /// @param price Wei, gross, every 30 days; above 0.
    /// @param tierBps Discounts; none may shrink.
    /// @param open Whether new patrons and renewals are taken.
    function updatePlan(uint256 planId, uint96 price, uint16[4] calldata tierBps, bool open) external {
        bytes32 songId = _songOf(planId);
        Kept storage p = _plans[songId];
        _onlyArtist(songId);
        _checkTerms(price, p.tiers, tierBps);
        p.price = price;
        p.tiers = _packed(tierBps);
        p.open = open;
        emit PlanUpdated(planId, price, tierBps, open);
    }

    // --- patrons ------------------------------------------------------------------------------------------------------

    /// @notice Become a patron, or make somebody one. Also the way back after the grace.
    /// @param songId Song with a plan.
    /// @param patron Who gets access. A keeper may renew later only when the caller is the patron.
    /// @param periods Periods to pay now, at the full price; the plan's minimum to 12.
    /// @param maxCost Most wei the caller is willing to pay in all.
    function subscribe(bytes32 songId, address patron, uint256 periods, uint256 maxCost) external {
        if (patron == address(0)) revert ZeroAddress();
        uint256 p = _known(songId);
        _checkOpen(p);
        Word storage w = _subscriptions[_tokenId(p >> 184, patron)];
        uint256 s = w.packed;
        uint256 end = _paidThrough(s);
        if (end != 0 && block.timestamp <= end + GRACE) revert AlreadySubscribed(patron, end);
        uint256 least = _minimum(p);
        if (periods < least || periods > MAX_PERIODS) revert PeriodsWrong(periods, least, MAX_PERIODS);
        uint256 cost;
        unchecked {
            // 96 bits times 12.
            cost = (p & MAX_96) * periods;
        }
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        w.packed = _begun(s, periods, least, patron == msg.sender ? p & MAX_96 | AUTO_RENEW : 0);
        emit Subscribed(p >> 184, patron, msg.sender, cost, periods, block.timestamp);
        _charge(songId, msg.sender, cost, STRATEGY);
    }

    /// @notice Renew for one period. The patron may at any time, up to 12 periods ahead; after the grace it starts anew with the
    /// plan's minimum. Anyone else only when due and as the patron agreed; it is the patron who pays.
    /// @param songId Song with a plan.
    /// @param patron Whose subscription.
    /// @param maxCost Most wei the patron pays now; a keeper gives any.
    function renew(bytes32 songId, address patron, uint256 maxCost) external {
        uint256 p = _known(songId);
        Word storage w = _subscriptions[_tokenId(p >> 184, patron)];
        uint256 s = w.packed;
        if (s == 0) revert NotSubscribed(patron);
        if (msg.sender != patron) {
            Refusal reason = _refusal(songId, p, s);
            if (reason != Refusal.None) revert NotRenewable(patron, reason);
        }
        _checkOpen(p);
        uint256 cost = p & MAX_96;
        unchecked {
            // Times below 2^40, a price below 2^96, at most 12 periods.
            uint256 end = _paidThrough(s);
            if (block.timestamp > end + GRACE) {
                uint256 least = _minimum(p);
                cost *= least;
                s = _begun(s, least, least, _agreed(s) | (s & AUTO_BIT != 0 ? AUTO_RENEW : 0));
            } else {
                if (end > block.timestamp + (MAX_PERIODS - 1) * PERIOD) revert TooFarAhead(end);
                cost = _discounted(p, _tier(s));
                s = _extended(s);
            }
        }
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        w.packed = s;
        emit Renewed(p >> 184, patron, cost, _paidThrough(s));
        _charge(songId, patron, cost, STRATEGY);
    }

    /// @notice A keeper's round: charge every patron who is due. One who cannot be charged is left out with an event and a reason.
    /// @param planId Plan.
    /// @param patrons Whom to charge.
    /// @return charged Wei in all, gross.
    function renewMany(uint256 planId, address[] calldata patrons) external returns (uint256 charged) {
        if (patrons.length == 0) return 0;
        bytes32 songId = _songOf(planId);
        (uint64 payee,, uint8 strategies) = ledger.terms(songId);
        uint256 before = _batch;
        uint256 received = ledger.credit(payee, _roundOf(songId, strategies & STRATEGY != 0, patrons));
        charged = _batch - before;
        if (received != charged) revert TokenShort(charged, received);
    }

    /// @notice Let keepers renew the caller's subscription at list prices up to a limit.
    /// @param planId Plan.
    /// @param maxPrice Wei; discounts come off below it.
    function setAutoRenew(uint256 planId, uint96 maxPrice) external {
        Word storage w = _subscriptions[_tokenId(planId, msg.sender)];
        uint256 s = w.packed;
        if (s == 0) revert NotSubscribed(msg.sender);
        w.packed = s & ~(MAX_96 << 120) | uint256(maxPrice) << 120 | AUTO_BIT;
        emit AutoRenewSet(planId, msg.sender, maxPrice);
    }

    /// @notice Stop renewals of the caller's subscription; access lasts until the paid time ends.
    function cancel(uint256 planId) external {
        Word storage w = _subscriptions[_tokenId(planId, msg.sender)];
        uint256 s = w.packed;
        if (s == 0) revert NotSubscribed(msg.sender);
        uint256 until = (s >> 80) & MAX_40;
        if (!_plans[songOf[planId]].earlyCancel && block.timestamp < until) revert Committed(until);
        w.packed = s & ~AUTO_BIT;
        emit Cancelled(planId, msg.sender, _paidThrough(s));
    }

    /// @inheritdoc ICreditor
    function onCredit(bytes calldata data) external {
        _onlyLedger();
        _round(data);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    /// @notice Terms of a plan.
    function plan(uint256 id) external view returns (Plan memory) {
        bytes32 songId = songOf[id];
        Kept memory p = _plans[songId];
        uint16[4] memory tierBps;
        for (uint256 i; i < 4; ++i) {
            // forge-lint: disable-next-line(unsafe-typecast) 16 bits each
            tierBps[i] = uint16(p.tiers >> (16 * i));
        }
        return Plan(songId, p.price, p.minimumPeriods, tierBps, p.earlyCancel, p.open);
    }

    /// @notice The plan of a song, 0 when there is none.
    function planOf(bytes32 songId) public view returns (uint256) {
        return _plans[songId].id;
    }

    /// @notice A patron's subscription; zeros for nobody.
    function subscription(uint256 planId, address patron) external view returns (Subscription memory) {
        uint256 s = _subscriptions[_tokenId(planId, patron)].packed;
        // forge-lint: disable-next-line(unsafe-typecast) the fields of the word
        return Subscription(
            uint40(s), uint40(s >> 40), uint40(s >> 80), uint96(s >> 120), uint16(s >> 216), s & AUTO_BIT != 0
        );
    }

    /// @notice Loyalty tier now, 1 to 4, by paid time without a gap; 0 for nobody and after the grace.
    function tier(uint256 planId, address patron) external view returns (uint256) {
        uint256 s = _subscriptions[_tokenId(planId, patron)].packed;
        return _lapsed(s) ? 0 : _tier(s) + 1;
    }

    /// @notice What the next period costs a patron now, wei, gross: the discount is rounded down.
    function renewalPrice(uint256 planId, address patron) public view returns (uint256) {
        uint256 p = _word(_songOf(planId));
        uint256 s = _subscriptions[_tokenId(planId, patron)].packed;
        return _lapsed(s) ? (p & MAX_96) * _minimum(p) : _discounted(p, _tier(s));
    }

    /// @notice Why a keeper could not renew now; None when it could.
    function whyNotRenewable(uint256 planId, address patron) public view returns (Refusal) {
        bytes32 songId = songOf[planId];
        Refusal reason = _refusal(songId, _word(songId), _subscriptions[_tokenId(planId, patron)].packed);
        if (reason != Refusal.None) return reason;
        uint256 cost = renewalPrice(planId, patron);
        bool able = token.allowance(patron, address(this)) >= cost && token.balanceOf(patron) >= cost;
        return able ? Refusal.None : Refusal.Payment;
    }

    /// @notice Whether the listener's time is paid now.
    function hasAccess(bytes32 songId, address listener) external view returns (bool) {
        return block.timestamp < _paidThrough(_subscriptions[_tokenId(planOf(songId), listener)].packed);
    }

    /// @notice What the listener would pay next: the first subscription, or a renewal, wei, gross.
    function quote(bytes32 songId, address listener) external view returns (uint256) {
        return renewalPrice(planOf(songId), listener);
    }

    /// @inheritdoc IERC5643
    function expiresAt(uint256 tokenId) external view returns (uint64) {
        // forge-lint: disable-next-line(unsafe-typecast) 40 bits
        return uint64(_paidThrough(_subscriptions[tokenId].packed));
    }

    /// @inheritdoc IERC5643
    function isRenewable(uint256 tokenId) external view returns (bool) {
        // forge-lint: disable-next-line(unsafe-typecast) the address is the lower 160 bits
        return whyNotRenewable(tokenId >> 160, address(uint160(tokenId))) == Refusal.None;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return _isStrategy(id);
    }

    /// @notice Tier, 0 to 3, that so many seconds of paid time reach.
    function tierOf(uint256 paidSeconds) public pure returns (uint256) {
        if (paidSeconds >= 365 days) return 3;
        if (paidSeconds >= 180 days) return 2;
        return paidSeconds >= 90 days ? 1 : 0;
    }

    // --- inside -------------------------------------------------------------------------------------------------------

    /// @dev What `onCredit` gets for a round: song, whether it earns this way, and the patrons, a word each.
    function _roundOf(bytes32 songId, bool on, address[] calldata patrons) private pure returns (bytes memory data) {
        data = new bytes(64 + 32 * patrons.length);
        assembly ("memory-safe") {
            mstore(add(data, 0x20), songId)
            mstore(add(data, 0x40), on)
            calldatacopy(add(data, 0x60), patrons.offset, shl(5, patrons.length))
        }
    }

    /// @dev Charges who is due, within the Ledger's measure of what arrives. The state is written before money moves.
    function _round(bytes calldata data) private {
        uint256 p = _word(bytes32(data[:32]));
        bool off = p & OPEN_BIT == 0 || uint256(bytes32(data[32:64])) == 0;
        uint256 sum;
        for (uint256 i = 64; i < data.length; i += 32) {
            unchecked {
                // Each below 2^96, and fewer than 2^64.
                sum += _renewOne(p, address(uint160(uint256(bytes32(data[i:i + 32])))), off);
            }
        }
        _batch += sum;
    }

    function _renewOne(uint256 p, address patron, bool off) private returns (uint256) {
        Word storage w = _subscriptions[_tokenId(p >> 184, patron)];
        uint256 s = w.packed;
        Refusal reason = _standing(s, p & MAX_96, off);
        if (reason == Refusal.None) {
            uint256 cost = _discounted(p, _tier(s));
            uint256 extended = _extended(s);
            w.packed = extended;
            if (token.trySafeTransferFrom(patron, address(ledger), cost)) {
                emit Renewed(p >> 184, patron, cost, _paidThrough(extended));
                return cost;
            }
            w.packed = s;
            reason = Refusal.Payment;
        }
        emit RenewalFailed(p >> 184, patron, uint8(reason));
        return 0;
    }

    /// @dev A subscription that begins now. `agreed` is its agreed price, with `AUTO_RENEW` where a keeper may renew.
    function _begun(uint256 before, uint256 periods, uint256 least, uint256 agreed) private view returns (uint256) {
        unchecked {
            // Times are below 2^40 for 34,000 years, and so many periods take 5,000.
            uint256 nowAt = block.timestamp;
            return nowAt | (nowAt + periods * PERIOD) << 40 | (nowAt + least * PERIOD) << 80 | agreed << 120
                | (((before >> 216) & type(uint16).max) + periods) << 216;
        }
    }

    /// @dev One period more, and one more paid.
    function _extended(uint256 s) private pure returns (uint256) {
        unchecked {
            return s + (PERIOD << 40) + (1 << 216);
        }
    }

    function _paidThrough(uint256 s) private pure returns (uint256) {
        return (s >> 40) & MAX_40;
    }

    function _agreed(uint256 s) private pure returns (uint256) {
        return (s >> 120) & MAX_96;
    }

    function _lapsed(uint256 s) private view returns (bool) {
        return block.timestamp > _paidThrough(s) + GRACE;
    }

    function _refusal(bytes32 songId, uint256 p, uint256 s) private view returns (Refusal) {
        (,, uint8 strategies) = ledger.terms(songId);
        return _standing(s, p & MAX_96, p & OPEN_BIT == 0 || strategies & STRATEGY == 0);
    }

    function _standing(uint256 s, uint256 price, bool off) private view returns (Refusal) {
        if (s == 0) return Refusal.NoSubscription;
        if (block.timestamp < _paidThrough(s)) return Refusal.NotDue;
        if (_lapsed(s)) return Refusal.Lapsed;
        if (s & AUTO_BIT == 0) return Refusal.NotAgreed;
        if (price > _agreed(s)) return Refusal.PriceRose;
        return off ? Refusal.PlanClosed : Refusal.None;
    }

    /// @dev A plan's price less the discount of a tier.
    function _discounted(uint256 p, uint256 level) private pure returns (uint256) {
        unchecked {
            // A price below 2^96 and a discount of at most all.
            uint256 price = p & MAX_96;
            return price - price * ((p >> (96 + 16 * level)) & type(uint16).max) / BPS;
        }
    }

    function _tier(uint256 s) private view returns (uint256) {
        uint256 end = _paidThrough(s);
        unchecked {
            // It never begins after now, nor after its end.
            return tierOf((block.timestamp < end ? block.timestamp : end) - (s & MAX_40));
        }
    }

    function _minimum(uint256 p) private pure returns (uint256) {
        return (p >> 160) & type(uint8).max;
    }

    function _tokenId(uint256 planId, address patron) private pure returns (uint256) {
        if (planId >> 96 != 0) revert UnknownPlan(planId);
        return planId << 160 | uint160(patron);
    }

    /// @dev A plan's word in one read, 0 when there is none.
    function _word(bytes32 songId) private view returns (uint256 word) {
        Kept storage slot = _plans[songId];
        assembly ("memory-safe") {
            word := sload(slot.slot)
        }
    }

    function _known(bytes32 songId) private view returns (uint256 p) {
        p = _word(songId);
        if (p == 0) revert NoPlan(songId);
    }

    function _checkOpen(uint256 p) private pure {
        if (p & OPEN_BIT == 0) revert PlanClosed(p >> 184);
    }

    function _songOf(uint256 planId) private view returns (bytes32 songId) {
        songId = songOf[planId];
        if (songId == 0) revert UnknownPlan(planId);
    }

    function _checkTerms(uint96 price, uint256 before, uint16[4] calldata tierBps) private pure {
        if (price == 0) revert PriceMissing();
        uint256 last;
        for (uint256 i; i < 4; ++i) {
            if (tierBps[i] < last || tierBps[i] < (before >> (16 * i)) & type(uint16).max || tierBps[i] > BPS) {
                revert DiscountWrong(i);
            }
            last = tierBps[i];
        }
    }

    function _packed(uint16[4] calldata tierBps) private pure returns (uint64) {
        return uint64(tierBps[0]) | uint64(tierBps[1]) << 16 | uint64(tierBps[2]) << 32 | uint64(tierBps[3]) << 48;
    }
}
