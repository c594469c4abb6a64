// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ICreditor, IPurseCharger} from "../interfaces/ICreditor.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {PatronageViews} from "./PatronageViews.sol";
import {StrategyBase} from "./StrategyBase.sol";

/// @title Patronage: a price every 30 days, a week of grace, and a discount that grows with the time paid without a gap
/// @notice A renewal extends the old end, so nothing drifts; after the grace it starts anew and the loyalty with it. Loyalty counts
/// paid time only. A keeper charges when due, once a period, and never above the price the patron agreed to.
contract PatronageStrategy is PatronageViews, ICreditor, IPurseCharger {
    using SafeERC20 for IERC20;

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
        _subscribe(songId, patron, periods, maxCost, 0);
    }

    /// @notice The same, paid out of the caller's purse in the Ledger, where this contract has a session of the caller; a patron's own
    /// renewals too.
    function subscribeFromPurse(bytes32 songId, address patron, uint256 periods, uint256 maxCost) external {
        _subscribe(songId, patron, periods, maxCost, PURSE_BIT);
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
            uint256 reason = _refusal(songId, p, s);
            if (reason != CAN) revert NotRenewable(patron, Refusal(reason));
        }
        _checkOpen(p);
        uint256 cost = p & MAX_96;
        unchecked {
            // Times below 2^40, a price below 2^96, at most 12 periods.
            uint256 end = _paidThrough(s);
            if (block.timestamp > end + GRACE) {
                uint256 least = _minimum(p);
                cost *= least;
                s = _begun(s, least, least, _consent(s));
            } else {
                if (end > block.timestamp + (MAX_PERIODS - 1) * PERIOD) revert TooFarAhead(end);
                cost = _discounted(p, _tier(s));
                s = _extended(s);
            }
        }
        if (cost > maxCost) revert CostsMore(cost, maxCost);
        w.packed = s;
        emit Renewed(p >> 184, patron, cost, _paidThrough(s));
        _charge(songId, patron, cost, STRATEGY, s & PURSE_BIT != 0);
    }

    /// @notice A keeper's round: charge every patron who is due, first out of purses, then by allowances. One who cannot be charged is
    /// left out with an event and a reason.
    /// @param planId Plan.
    /// @param patrons Whom to charge; at most 256 who pay out of purses.
    /// @return charged Wei in all, gross.
    function renewMany(uint256 planId, address[] calldata patrons) external returns (uint256 charged) {
        if (patrons.length == 0) return 0;
        bytes32 songId = _songOf(planId);
        (uint64 payee,, uint8 strategies) = ledger.terms(songId);
        uint256 p = _word(songId);
        bool off = p & OPEN_BIT == 0 || strategies & STRATEGY == 0;
        (uint256[] memory charges, uint256 others) = _pursesDue(p, patrons, off);
        if (charges.length != 0) charged = ledger.chargePurses(songId, charges, STRATEGY);
        if (others != 0) charged += _takeAllowances(payee, _roundOf(songId, off, patrons));
    }

    /// @notice Let keepers renew the caller's subscription at list prices up to a limit.
    /// @param planId Plan.
    /// @param maxPrice Wei; discounts come off below it.
    /// @param fromPurse Whether all renewals are paid out of the caller's purse in the Ledger, which needs a session for this contract
    /// there; otherwise by an allowance of the token.
    function setAutoRenew(uint256 planId, uint96 maxPrice, bool fromPurse) external {
        Word storage w = _subscriptions[_tokenId(planId, msg.sender)];
        uint256 s = w.packed;
        if (s == 0) revert NotSubscribed(msg.sender);
        w.packed = s ^ _consent(s) | uint256(maxPrice) << 120 | AUTO_BIT | (fromPurse ? PURSE_BIT : 0);
        emit AutoRenewSet(planId, msg.sender, maxPrice, fromPurse);
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

    /// @inheritdoc IPurseCharger
    function onCharged(bytes32 songId, uint256[] calldata charges, uint256 refused) external {
        _onlyLedger();
        uint256 planId = _word(songId) >> 184;
        emit RenewedFromPurses(planId, charges, refused);
        for (uint256 i; refused != 0; ++i) {
            if (refused & 1 != 0) {
                // forge-lint: disable-next-line(unsafe-typecast) the address is the upper 160 bits
                address patron = address(uint160(charges[i] >> 96));
                Word storage w = _subscriptions[_tokenId(planId, patron)];
                w.packed = _shortened(w.packed);
                emit RenewalFailed(planId, patron, uint8(Refusal.Payment));
            }
            refused >>= 1;
        }
    }

    // --- inside -------------------------------------------------------------------------------------------------------

    /// @dev `purse` is `PURSE_BIT`, or 0.
    function _subscribe(bytes32 songId, address patron, uint256 periods, uint256 maxCost, uint256 purse) private {
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
        w.packed = _begun(s, periods, least, patron == msg.sender ? (p & MAX_96) << 120 | AUTO_BIT | purse : 0);
        emit Subscribed(p >> 184, patron, msg.sender, cost, periods, block.timestamp);
        _charge(songId, msg.sender, cost, STRATEGY, purse != 0);
    }

    /// @dev Extends everyone who is due and pays out of a purse, and returns the charges, a word each, and how many others there are.
    /// `onCharged` takes back who could not be charged; nothing foreign runs in between.
    function _pursesDue(uint256 p, address[] calldata patrons, bool off)
        private
        returns (uint256[] memory charges, uint256 others)
    {
        uint256 n = patrons.length;
        charges = new uint256[](n);
        uint256 found;
        for (uint256 i; i < n; ++i) {
            address patron = patrons[i];
            Word storage w = _subscriptions[_tokenId(p >> 184, patron)];
            uint256 s = w.packed;
            if (s & PURSE_BIT != 0) {
                uint256 reason = _standing(s, p & MAX_96, off);
                if (reason == CAN) {
                    w.packed = _extended(s);
                    uint256 charge = uint256(uint160(patron)) << 96 | _discounted(p, _tier(s));
                    assembly ("memory-safe") {
                        // found is below n
                        found := add(found, 1)
                        mstore(add(charges, shl(5, found)), charge)
                    }
                    continue;
                }
                emit RenewalFailed(p >> 184, patron, uint8(reason));
            } else {
                unchecked {
                    ++others;
                }
            }
        }
        assembly ("memory-safe") {
            mstore(charges, found)
        }
    }

    /// @dev Charges by allowances, within the Ledger's measure of what arrives.
    function _takeAllowances(uint64 payee, bytes memory round) private returns (uint256 taken) {
        uint256 before = _batch;
        uint256 received = ledger.credit(payee, round);
        taken = _batch - before;
        if (received != taken) revert TokenShort(taken, received);
    }

    /// @dev What `onCredit` gets for a round: song, whether renewals are off, and the patrons, a word each.
    function _roundOf(bytes32 songId, bool off, address[] calldata patrons) private pure returns (bytes memory data) {
        data = new bytes(64 + 32 * patrons.length);
        assembly ("memory-safe") {
            mstore(add(data, 0x20), songId)
            mstore(add(data, 0x40), off)
            calldatacopy(add(data, 0x60), patrons.offset, shl(5, patrons.length))
        }
    }

    /// @dev Charges who is due, within the Ledger's measure of what arrives. The state is written before money moves.
    function _round(bytes calldata data) private {
        uint256 p = _word(bytes32(data[:32]));
        bool off = uint256(bytes32(data[32:64])) != 0;
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
        if (s & PURSE_BIT != 0) return 0;
        uint256 reason = _standing(s, p & MAX_96, off);
        if (reason == CAN) {
            uint256 cost = _discounted(p, _tier(s));
            uint256 extended = _extended(s);
            w.packed = extended;
            if (token.trySafeTransferFrom(patron, address(ledger), cost)) {
                emit Renewed(p >> 184, patron, cost, _paidThrough(extended));
                return cost;
            }
            w.packed = s;
            reason = uint256(Refusal.Payment);
        }
        emit RenewalFailed(p >> 184, patron, uint8(reason));
        return 0;
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
