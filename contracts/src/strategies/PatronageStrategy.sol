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
contract PatronageStrategy is StrategyBase, IERC165, IERC5643 {
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

    /// @dev A plan in two words; discounts are 16 bits each, the first tier lowest.
    struct Kept {
        bytes32 songId;
        uint96 price;
        uint64 tiers;
        uint8 minimumPeriods;
        bool earlyCancel;
        bool open;
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

    mapping(uint256 plan => Kept) private _plans;
    mapping(uint256 plan => mapping(address patron => Subscription)) private _subscriptions;
    /// @notice The plan of a song, 0 when there is none.
    mapping(bytes32 songId => uint256) public planOf;
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
        if (planOf[songId] != 0) revert PlanExists(songId, planOf[songId]);
        if (minimumPeriods == 0 || minimumPeriods > MAX_PERIODS) revert MinimumWrong(minimumPeriods, MAX_PERIODS);
        _checkTerms(price, 0, tierBps);
        planId = ++plans;
        planOf[songId] = planId;
        _plans[planId] = Kept(songId, price, _packed(tierBps), minimumPeriods, earlyCancel, true);
        emit PlanCreated(planId, songId, price, minimumPeriods, tierBps, earlyCancel);
    }

    /// @notice Change price and discounts from now on. A rise needs each patron's consent before a keeper charges it.
    /// @param planId Plan of the caller's song.
    /// @param price Wei, gross, every 30 days; above 0.
    /// @param tierBps Discounts; none may shrink.
    /// @param open Whether new patrons and renewals are taken.
    function updatePlan(uint256 planId, uint96 price, uint16[4] calldata tierBps, bool open) external {
        Kept storage p = _known(planId);
        _onlyArtist(p.songId);
        _checkTerms(price, p.tiers, tierBps);
        p.price = price;
        p.tiers = _packed(tierBps);
        p.open = open;
        emit PlanUpdated(planId, price, tierBps, open);
    }

    // --- patrons ------------------------------------------------------------------------------------------------------

    /// @notice Become a patron, or make somebody one. Also the way back after the grace.
    /// @param planId Plan.
    /// @param patron Who gets access. A keeper may renew later only when the caller is the patron.
    /// @param periods Periods to pay now, at the full price; the plan's minimum to 12.
    /// @param maxCost Most wei the caller is willing to pay in all.
    function subscribe(uint256 planId, address patron, uint256 periods, uint256 maxCost) external {
        if (patron == address(0)) revert ZeroAddress();
        Kept storage p = _known(planId);
        (uint64 payee, uint256 price, uint256 least) = _terms(planId, p);
        Subscription storage s = _subscriptions[planId][patron];
        uint256 end = s.paidThrough;
        if (end != 0 && block.timestamp <= end + GRACE) revert AlreadySubscribed(patron, end);
        if (periods < least || periods > MAX_PERIODS) revert PeriodsWrong(periods, least, MAX_PERIODS);
        uint256 cost = price * periods;
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        bool own = patron == msg.sender;
        _begin(s, periods, least, own ? price : 0, own);
        emit Subscribed(planId, patron, msg.sender, cost, periods, block.timestamp);
        _charge(payee, msg.sender, cost);
    }

    /// @notice Renew for one period. The patron may at any time, up to 12 periods ahead; after the grace it starts anew with the
    /// plan's minimum. Anyone else only when due and as the patron agreed; it is the patron who pays.
    /// @param planId Plan.
    /// @param patron Whose subscription.
    /// @param maxCost Most wei the patron pays now; a keeper gives any.
    function renew(uint256 planId, address patron, uint256 maxCost) external {
        Kept storage p = _known(planId);
        Subscription storage slot = _subscriptions[planId][patron];
        Subscription memory s = slot;
        if (s.start == 0) revert NotSubscribed(patron);
        if (msg.sender != patron) {
            Refusal reason = _refusal(p, s);
            if (reason != Refusal.None) revert NotRenewable(patron, reason);
        }
        (uint64 payee, uint256 price, uint256 least) = _terms(planId, p);
        uint256 cost;
        uint256 end = s.paidThrough;
        if (block.timestamp > end + GRACE) {
            cost = price * least;
            _begin(slot, least, least, s.agreedPrice, s.autoRenew);
            end = block.timestamp + least * PERIOD;
        } else {
            if (end > block.timestamp + (MAX_PERIODS - 1) * PERIOD) revert TooFarAhead(end);
            cost = _discounted(p, price, _tier(s));
            end = _extend(slot, s);
        }
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        emit Renewed(planId, patron, cost, end);
        _charge(payee, patron, cost);
    }

    /// @notice A keeper's round: charge every patron who is due. One who cannot be charged is left out with an event and a reason.
    /// @param planId Plan.
    /// @param patrons Whom to charge.
    /// @return charged Wei in all, gross.
    function renewMany(uint256 planId, address[] calldata patrons) external returns (uint256 charged) {
        Kept storage p = _known(planId);
        (uint64 payee,,) = ledger.terms(p.songId);
        uint256 before = _batch;
        uint256 received = ledger.credit(payee, abi.encode(planId, patrons));
        charged = _batch - before;
        if (received != charged) revert TokenShort(charged, received);
    }

    /// @notice Let keepers renew the caller's subscription at list prices up to a limit.
    /// @param planId Plan.
    /// @param maxPrice Wei; discounts come off below it.
    function setAutoRenew(uint256 planId, uint96 maxPrice) external {
        Subscription storage s = _subscriptions[planId][msg.sender];
        if (s.start == 0) revert NotSubscribed(msg.sender);
        s.agreedPrice = maxPrice;
        s.autoRenew = true;
        emit AutoRenewSet(planId, msg.sender, maxPrice);
    }

    /// @notice Stop renewals of the caller's subscription; access lasts until the paid time ends.
    function cancel(uint256 planId) external {
        Subscription storage s = _subscriptions[planId][msg.sender];
        if (s.start == 0) revert NotSubscribed(msg.sender);
        if (!_plans[planId].earlyCancel && block.timestamp < s.committedUntil) revert Committed(s.committedUntil);
        s.autoRenew = false;
        emit Cancelled(planId, msg.sender, s.paidThrough);
    }

    /// @inheritdoc ICreditor
    function onCredit(bytes calldata data) external override {
        _onlyLedger();
        if (data.length == 64) {
            (address payer, uint256 amount) = abi.decode(data, (address, uint256));
            token.safeTransferFrom(payer, address(ledger), amount);
            return;
        }
        (uint256 planId, address[] memory patrons) = abi.decode(data, (uint256, address[]));
        _round(planId, patrons);
    }

    // --- looking ------------------------------------------------------------------------------------------------------

    /// @notice Terms of a plan.
    function plan(uint256 id) external view returns (Plan memory) {
        Kept memory p = _plans[id];
        uint16[4] memory tierBps;
        for (uint256 i; i < 4; ++i) {
            // forge-lint: disable-next-line(unsafe-typecast) 16 bits each
            tierBps[i] = uint16(p.tiers >> (16 * i));
        }
        return Plan(p.songId, p.price, p.minimumPeriods, tierBps, p.earlyCancel, p.open);
    }

    /// @notice A patron's subscription; zeros for nobody.
    function subscription(uint256 planId, address patron) external view returns (Subscription memory) {
        return _subscriptions[planId][patron];
    }

    /// @notice Loyalty tier now, 1 to 4, by paid time without a gap; 0 for nobody and after the grace.
    function tier(uint256 planId, address patron) external view returns (uint256) {
        Subscription storage s = _subscriptions[planId][patron];
        if (s.start == 0 || block.timestamp > s.paidThrough + GRACE) return 0;
        return _tier(s) + 1;
    }

    /// @notice What the next period costs a patron now, wei, gross: the discount is rounded down.
    function renewalPrice(uint256 planId, address patron) public view returns (uint256) {
        Kept storage p = _known(planId);
        Subscription storage s = _subscriptions[planId][patron];
        if (s.start == 0 || block.timestamp > s.paidThrough + GRACE) return uint256(p.price) * p.minimumPeriods;
        return _discounted(p, p.price, _tier(s));
    }

    /// @notice Why a keeper could not renew now; None when it could.
    function whyNotRenewable(uint256 planId, address patron) public view returns (Refusal) {
        Refusal reason = _refusal(_plans[planId], _subscriptions[planId][patron]);
        if (reason != Refusal.None) return reason;
        uint256 cost = renewalPrice(planId, patron);
        bool able = token.allowance(patron, address(this)) >= cost && token.balanceOf(patron) >= cost;
        return able ? Refusal.None : Refusal.Payment;
    }

    /// @notice Whether the listener's time is paid now.
    function hasAccess(bytes32 songId, address listener) external view returns (bool) {
        return block.timestamp < _subscriptions[planOf[songId]][listener].paidThrough;
    }

    /// @notice What the listener would pay next: the first subscription, or a renewal, wei, gross.
    function quote(bytes32 songId, address listener) external view returns (uint256) {
        return renewalPrice(planOf[songId], listener);
    }

    /// @inheritdoc IERC5643
    function expiresAt(uint256 tokenId) external view returns (uint64) {
        // forge-lint: disable-next-line(unsafe-typecast) the address is the lower 160 bits
        return _subscriptions[tokenId >> 160][address(uint160(tokenId))].paidThrough;
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

    /// @dev Charges who is due, within the Ledger's measure of what arrives. The state is written before money moves.
    function _round(uint256 id, address[] memory patrons) private {
        Kept storage p = _plans[id];
        (,, uint8 strategies) = ledger.terms(p.songId);
        bool off = !p.open || strategies & STRATEGY == 0;
        uint256 price = p.price;
        uint256 n = patrons.length;
        uint256 sum;
        for (uint256 i; i < n; ++i) {
            sum += _renewOne(id, p, patrons[i], price, off);
        }
        _batch += sum;
    }

    function _renewOne(uint256 id, Kept storage p, address patron, uint256 price, bool off)
        private
        returns (uint256 cost)
    {
        Subscription storage s = _subscriptions[id][patron];
        Subscription memory m = s;
        Refusal reason = _standing(m, price, off);
        if (reason == Refusal.None) {
            cost = _discounted(p, price, tierOf(uint256(m.paidThrough) - m.start));
            uint256 end = _extend(s, m);
            if (token.trySafeTransferFrom(patron, address(ledger), cost)) {
                emit Renewed(id, patron, cost, end);
                return cost;
            }
            // forge-lint: disable-next-line(unsafe-typecast) 30 days
            m.paidThrough -= uint40(PERIOD);
            --m.periods;
            _store(s, m);
            reason = Refusal.Payment;
        }
        emit RenewalFailed(id, patron, uint8(reason));
        return 0;
    }

    function _begin(Subscription storage s, uint256 periods, uint256 least, uint256 agreed, bool auto_) private {
        uint256 nowAt = block.timestamp;
        Subscription memory m;
        // forge-lint: disable-start(unsafe-typecast) times below 2^40, a plan's price, at most 12 periods
        m.start = uint40(nowAt);
        m.paidThrough = uint40(nowAt + periods * PERIOD);
        m.committedUntil = uint40(nowAt + least * PERIOD);
        m.agreedPrice = uint96(agreed);
        m.periods = s.periods + uint16(periods);
        // forge-lint: disable-end(unsafe-typecast)
        m.autoRenew = auto_;
        _store(s, m);
    }

    function _extend(Subscription storage s, Subscription memory m) private returns (uint256) {
        m.paidThrough += uint40(PERIOD);
        ++m.periods;
        _store(s, m);
        return m.paidThrough;
    }

    /// @dev One word in one write.
    function _store(Subscription storage s, Subscription memory m) private {
        uint256 word = uint256(m.start) | uint256(m.paidThrough) << 40 | uint256(m.committedUntil) << 80
            | uint256(m.agreedPrice) << 120 | uint256(m.periods) << 216 | (m.autoRenew ? uint256(1) << 232 : 0);
        assembly ("memory-safe") {
            sstore(s.slot, word)
        }
    }

    function _refusal(Kept storage p, Subscription memory s) private view returns (Refusal) {
        (,, uint8 strategies) = ledger.terms(p.songId);
        return _standing(s, p.price, !p.open || strategies & STRATEGY == 0);
    }

    function _standing(Subscription memory s, uint256 price, bool off) private view returns (Refusal) {
        if (s.start == 0) return Refusal.NoSubscription;
        if (block.timestamp < s.paidThrough) return Refusal.NotDue;
        if (block.timestamp > s.paidThrough + GRACE) return Refusal.Lapsed;
        if (!s.autoRenew) return Refusal.NotAgreed;
        if (price > s.agreedPrice) return Refusal.PriceRose;
        return off ? Refusal.PlanClosed : Refusal.None;
    }

    function _discounted(Kept storage p, uint256 price, uint256 level) private view returns (uint256) {
        return price - price * ((p.tiers >> (16 * level)) & type(uint16).max) / BPS;
    }

    function _tier(Subscription memory s) private view returns (uint256) {
        uint256 end = block.timestamp < s.paidThrough ? block.timestamp : s.paidThrough;
        return tierOf(end - s.start);
    }

    function _known(uint256 id) private view returns (Kept storage p) {
        p = _plans[id];
        if (p.songId == 0) revert UnknownPlan(id);
    }

    function _terms(uint256 id, Kept storage p) private view returns (uint64 payee, uint256 price, uint256 least) {
        if (!p.open) revert PlanClosed(id);
        return (_openFor(p.songId, STRATEGY), p.price, p.minimumPeriods);
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
