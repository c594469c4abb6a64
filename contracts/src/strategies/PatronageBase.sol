// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../interfaces/ILedger.sol";
import {StrategyBase} from "./StrategyBase.sol";

/// @title What patronage keeps, and how a plan and a subscription lie in one word each
abstract contract PatronageBase is StrategyBase {
    /// @notice Bit of this strategy in a song's strategies.
    uint8 public constant STRATEGY = 4;
    /// @notice Seconds of a period.
    uint256 public constant PERIOD = 30 days;
    /// @notice Seconds after the paid time in which a renewal keeps the loyalty.
    uint256 public constant GRACE = 7 days;
    /// @notice Most periods that can be prepaid.
    uint256 public constant MAX_PERIODS = 12;
    uint256 internal constant BPS = 10_000;
    uint256 internal constant MAX_40 = type(uint40).max;
    uint256 internal constant MAX_96 = type(uint96).max;
    /// @dev `Refusal.None`.
    uint256 internal constant CAN = 0;
    uint256 internal constant OPEN_BIT = 1 << 176;
    uint256 internal constant AUTO_BIT = 1 << 232;
    uint256 internal constant PURSE_BIT = 1 << 233;

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
    /// @param fromPurse Renewals are paid out of the patron's purse in the Ledger; otherwise by an allowance of the token.
    struct Subscription {
        uint40 start;
        uint40 paidThrough;
        uint40 committedUntil;
        uint96 agreedPrice;
        uint16 periods;
        bool autoRenew;
        bool fromPurse;
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

    mapping(bytes32 songId => Kept) internal _plans;
    /// @dev A `Subscription` in one word assembled by hand: start in bits 0 to 39, paid through 40 to 79, committed 80 to 119, agreed
    /// price 120 to 215, periods 216 to 231, renewal 232, from purse 233. By plan and patron in one number, as ERC-5643 names it.
    mapping(uint256 tokenId => Word) internal _subscriptions;
    /// @notice The song of a plan, 0 when there is no such plan.
    mapping(uint256 plan => bytes32) public songOf;
    /// @notice Number of the newest plan.
    uint256 public plans;
    /// @dev Wei charged by keepers' rounds in this transaction.
    uint256 internal transient _batch;

    /// @notice A song takes patrons at `price` wei a period of 30 days, gross; discounts of the tiers in basis points.
    event PlanCreated(
        uint256 indexed plan,
        bytes32 indexed songId,
        uint96 price,
        uint8 minimumPeriods,
        uint16[4] tierBps,
        bool earlyCancel
    );
    /// @notice A plan has another price (wei a period, gross) and discounts (basis points), and is open to new patrons or not.
    event PlanUpdated(uint256 indexed plan, uint96 price, uint16[4] tierBps, bool open);
    /// @notice `payer` paid `amount` wei, gross, for `periods` from `start` on.
    event Subscribed(
        uint256 indexed plan, address indexed patron, address payer, uint256 amount, uint256 periods, uint256 start
    );
    /// @notice A renewal at `amount` wei, gross; the paid time ends at `paidThrough`. Renewals of one transaction are credited to the
    /// payee together: the fee of the sum is rounded down once, and each one's part of it follows by cumulative rounding in order.
    event Renewed(uint256 indexed plan, address indexed patron, uint256 amount, uint256 paidThrough);
    /// @notice A keeper's round out of purses: each charge, a word, renewed a patron (upper 160 bits) by one period for wei, gross (lower
    /// 96), except where its bit in `refused` is set. They are credited together, as those of `Renewed` are.
    event RenewedFromPurses(uint256 indexed plan, uint256[] charges, uint256 refused);
    /// @notice A keeper's renewal was refused; `reason` is a `Refusal`.
    event RenewalFailed(uint256 indexed plan, address indexed patron, uint8 reason);
    /// @notice A keeper may renew at list prices up to `maxPrice` wei, out of the patron's purse or by an allowance of the token.
    event AutoRenewSet(uint256 indexed plan, address indexed patron, uint96 maxPrice, bool fromPurse);
    /// @notice No more renewals by a keeper; access lasts until `paidThrough`.
    event Cancelled(uint256 indexed plan, address indexed patron, uint256 paidThrough);

    /// @notice The song has a plan.
    error PlanExists(bytes32 songId, uint256 plan);
    /// @notice No plan has this number.
    error UnknownPlan(uint256 plan);
    /// @notice The song has no plan.
    error NoPlan(bytes32 songId);
    /// @notice The plan takes no new patrons.
    error PlanClosed(uint256 plan);
    /// @notice A plan needs a price above 0 wei.
    error PriceMissing();
    /// @notice The minimum is 1 to `most` periods.
    error MinimumWrong(uint256 periods, uint256 most);
    /// @notice Discounts never fall with the tier, never shrink by an update, and are at most all.
    error DiscountWrong(uint256 tier);
    /// @notice Periods to pay are at least the plan's minimum and at most 12.
    error PeriodsWrong(uint256 periods, uint256 least, uint256 most);
    /// @notice The patron has paid until this second, Unix time.
    error AlreadySubscribed(address patron, uint256 paidThrough);
    /// @notice The address is no patron of the plan.
    error NotSubscribed(address patron);
    /// @notice It would be paid until this second, Unix time, further ahead than is taken.
    error TooFarAhead(uint256 paidThrough);
    /// @notice A keeper may not renew now; `reason` says why.
    error NotRenewable(address patron, Refusal reason);
    /// @notice The patron agreed to stay until this second, Unix time.
    error Committed(uint256 until);
    /// @notice The address is 0.
    error ZeroAddress();
    /// @notice Fewer wei arrived than were charged.
    error TokenShort(uint256 expected, uint256 received);

    /// @notice Tier, 0 to 3, that so many seconds of paid time reach.
    function tierOf(uint256 paidSeconds) public pure returns (uint256) {
        if (paidSeconds >= 365 days) return 3;
        if (paidSeconds >= 180 days) return 2;
        return paidSeconds >= 90 days ? 1 : 0;
    }

    /// @dev A subscription that begins now. `consent` is the agreed price in bits 120 to 215, `AUTO_BIT` and `PURSE_BIT`.
    function _begun(uint256 before, uint256 periods, uint256 least, uint256 consent) internal view returns (uint256) {
        unchecked {
            // Times are below 2^40 for 34,000 years, and so many periods take 5,000.
            uint256 nowAt = block.timestamp;
            return nowAt | (nowAt + periods * PERIOD) << 40 | (nowAt + least * PERIOD) << 80 | consent
                | (((before >> 216) & type(uint16).max) + periods) << 216;
        }
    }

    /// @dev One period more, and one more paid.
    function _extended(uint256 s) internal pure returns (uint256) {
        unchecked {
            return s + (PERIOD << 40) + (1 << 216);
        }
    }

    /// @dev Undoes `_extended`.
    function _shortened(uint256 s) internal pure returns (uint256) {
        unchecked {
            return s - (PERIOD << 40) - (1 << 216);
        }
    }

    /// @dev What a patron agreed to: price, renewal, purse.
    function _consent(uint256 s) internal pure returns (uint256) {
        return s & (MAX_96 << 120 | AUTO_BIT | PURSE_BIT);
    }

    function _paidThrough(uint256 s) internal pure returns (uint256) {
        return (s >> 40) & MAX_40;
    }

    function _agreed(uint256 s) internal pure returns (uint256) {
        return (s >> 120) & MAX_96;
    }

    function _lapsed(uint256 s) internal view returns (bool) {
        return block.timestamp > _paidThrough(s) + GRACE;
    }

    /// @dev A `Refusal` as a number: the compiler checks an enum's range wherever it is looked at.
    function _refusal(bytes32 songId, uint256 p, uint256 s) internal view returns (uint256) {
        (,, uint8 strategies) = ledger.terms(songId);
        return _standing(s, p & MAX_96, p & OPEN_BIT == 0 || strategies & STRATEGY == 0);
    }

    function _standing(uint256 s, uint256 price, bool off) internal view returns (uint256) {
        if (s == 0) return uint256(Refusal.NoSubscription);
        if (block.timestamp < _paidThrough(s)) return uint256(Refusal.NotDue);
        if (_lapsed(s)) return uint256(Refusal.Lapsed);
        if (s & AUTO_BIT == 0) return uint256(Refusal.NotAgreed);
        if (price > _agreed(s)) return uint256(Refusal.PriceRose);
        return off ? uint256(Refusal.PlanClosed) : CAN;
    }

    /// @dev A plan's price less the discount of a tier.
    function _discounted(uint256 p, uint256 level) internal pure returns (uint256) {
        unchecked {
            // A price below 2^96 and a discount of at most all.
            uint256 price = p & MAX_96;
            return price - price * ((p >> (96 + 16 * level)) & type(uint16).max) / BPS;
        }
    }

    function _tier(uint256 s) internal view returns (uint256) {
        uint256 end = _paidThrough(s);
        unchecked {
            // It never begins after now, nor after its end.
            return tierOf((block.timestamp < end ? block.timestamp : end) - (s & MAX_40));
        }
    }

    function _minimum(uint256 p) internal pure returns (uint256) {
        return (p >> 160) & type(uint8).max;
    }

    function _tokenId(uint256 planId, address patron) internal pure returns (uint256) {
        if (planId >> 96 != 0) revert UnknownPlan(planId);
        return planId << 160 | uint160(patron);
    }

    /// @dev A plan's word in one read, 0 when there is none.
    function _word(bytes32 songId) internal view returns (uint256 word) {
        Kept storage slot = _plans[songId];
        assembly ("memory-safe") {
            word := sload(slot.slot)
        }
    }

    function _known(bytes32 songId) internal view returns (uint256 p) {
        p = _word(songId);
        if (p == 0) revert NoPlan(songId);
    }

    function _checkOpen(uint256 p) internal pure {
        if (p & OPEN_BIT == 0) revert PlanClosed(p >> 184);
    }

    function _songOf(uint256 planId) internal view returns (bytes32 songId) {
        songId = songOf[planId];
        if (songId == 0) revert UnknownPlan(planId);
    }
}
