// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC5643} from "../interfaces/IERC5643.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {PatronageBase} from "./PatronageBase.sol";

/// @title What can be asked about plans and patrons
abstract contract PatronageViews is PatronageBase, IERC165, IERC5643 {
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
            uint40(s),
            uint40(s >> 40),
            uint40(s >> 80),
            uint96(s >> 120),
            uint16(s >> 216),
            s & AUTO_BIT != 0,
            s & PURSE_BIT != 0
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
        uint256 s = _subscriptions[_tokenId(planId, patron)].packed;
        uint256 reason = _refusal(songId, _word(songId), s);
        if (reason != CAN) return Refusal(reason);
        uint256 cost = renewalPrice(planId, patron);
        bool able = s & PURSE_BIT != 0 ? _purseAllows(patron, cost) : _tokenAllows(patron, cost);
        return able ? Refusal.None : Refusal.Payment;
    }

    function _tokenAllows(address patron, uint256 cost) private view returns (bool) {
        return token.allowance(patron, address(this)) >= cost && token.balanceOf(patron) >= cost;
    }

    function _purseAllows(address patron, uint256 cost) private view returns (bool) {
        ILedger.Session memory given = ledger.session(patron, address(this));
        if (block.timestamp > given.expiry || cost > ledger.purse(patron).balance) return false;
        return given.cap == type(uint96).max || given.spent + cost <= given.cap;
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
}
