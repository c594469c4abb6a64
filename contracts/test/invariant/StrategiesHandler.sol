// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CreditToken} from "../../src/CreditToken.sol";
import {FlowToken} from "../../src/FlowToken.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {AuctionStrategy} from "../../src/strategies/AuctionStrategy.sol";
import {GiftEconomyStrategy} from "../../src/strategies/GiftEconomyStrategy.sol";
import {PatronageStrategy} from "../../src/strategies/PatronageStrategy.sol";
import {PatronageBase} from "../../src/strategies/PatronageBase.sol";
import {Test} from "../utils/Forge.sol";

/// @notice Listeners with purses, passes, patronage and rewards, at any time and in any order; keeps its own books beside.
contract StrategiesHandler is Test {
    struct World {
        Ledger ledger;
        FlowToken token;
        CreditToken credits;
        AuctionStrategy auction;
        PatronageStrategy patronage;
        GiftEconomyStrategy gift;
        address owner;
        address artist;
        bytes32 song;
        uint64 payee;
        uint256 attestor;
        bytes32 ledgerDomain;
        bytes32 giftDomain;
    }

    uint256 private constant FIRST_KEY = 0x1000;
    uint256 private constant PEOPLE = 3;

    World private w;
    uint256 public immutable auctionId;
    uint256 public immutable planId;
    uint256 private _clock = 1_700_000_000;

    mapping(address => mapping(uint64 => bool)) private _charged;
    /// @notice Wei paid into purses, and out of them by vouchers, streams and withdrawals.
    mapping(address => uint256) public purseIn;
    mapping(address => uint256) public purseOut;
    /// @notice Wei of accounts by the handler's own count.
    uint256 public earned;
    uint256 public sold;
    uint256 private _lastPrice = type(uint256).max;
    mapping(address => uint256) private _paidThrough;
    mapping(address => uint256) private _paidPeriods;
    uint256 public fundedSum;
    uint256 public takenBack;
    uint256 public rewarded;
    mapping(address => mapping(uint256 => uint256)) private _paidOn;
    mapping(address => uint64) private _listens;
    /// @notice What must never happen, and where it did.
    string public broken;

    constructor(World memory world) {
        w = world;
        for (uint256 i; i < PEOPLE; ++i) {
            address who = _who(i);
            vm.prank(w.owner);
            w.token.mint(who, type(uint88).max);
            vm.startPrank(who);
            w.token.approve(address(w.ledger), type(uint256).max);
            w.token.approve(address(w.auction), type(uint256).max);
            w.token.approve(address(w.patronage), type(uint256).max);
            vm.stopPrank();
        }
        vm.prank(w.owner);
        w.credits.mint(w.artist, 1_000_000 ether);
        vm.startPrank(w.artist);
        w.credits.approve(address(w.gift), type(uint256).max);
        auctionId = w.auction.create(w.song, 100 ether, 10 ether, 0, 30 days, 20, 0, 0);
        planId = w.patronage.createPlan(w.song, 10 ether, 2, [uint16(0), 500, 1_000, 2_000], true);
        w.gift.configure(w.song, GiftEconomyStrategy.Gift(1 ether, 10 ether, 2, 3, 20 ether, vm.addr(w.attestor)));
        vm.stopPrank();
    }

    function pass(uint256 seconds_) external {
        _clock += bound(seconds_, 1, 20 days);
        vm.warp(_clock);
        uint256 price = w.auction.priceAt(auctionId, _clock);
        if (price > _lastPrice || price < 10 ether || price > 100 ether) broken = "7: the price rose or left its ends";
        _lastPrice = price;
    }

    function deposit(uint256 i, uint256 amount) external {
        address who = _who(i);
        amount = bound(amount, 1, 100 ether);
        vm.prank(who);
        w.ledger.deposit(who, amount);
        purseIn[who] += amount;
    }

    function settle(uint256 i, uint64 nonce, uint96 amount, uint256 signer) external {
        address who = _who(i);
        ILedger.Voucher[] memory list = new ILedger.Voucher[](1);
        ILedger.Voucher memory v = list[0];
        v.listener = who;
        v.nonce = uint64(bound(nonce, 0, 200));
        v.deadline = uint48(_clock);
        v.total = uint96(bound(amount, 1, 60 ether));
        v.items = abi.encodePacked(w.payee, uint32(1), v.total);
        bool right = signer % 4 != 0;
        v.signature = _sign(FIRST_KEY + (i % PEOPLE + (right ? 0 : 1)) % PEOPLE, w.ledgerDomain, _voucher(v));
        uint256 before = w.ledger.purse(who).balance;
        uint256 done = w.ledger.settle(list);
        if (done == 1) {
            if (_charged[who][v.nonce] || !right || before < v.total) broken = "4: charged twice, or unsigned";
            _charged[who][v.nonce] = true;
            purseOut[who] += v.total;
            earned += v.total;
        } else if (w.ledger.purse(who).balance != before) {
            broken = "4: a skipped voucher was charged";
        }
    }

    function payPrepaid(uint256 i) external {
        address who = _who(i);
        uint256 price = w.ledger.song(w.song).price;
        if (w.ledger.purse(who).balance < price) return;
        vm.prank(who);
        w.ledger.payPrepaid(w.song, 1, price);
        purseOut[who] += price;
        earned += price;
    }

    function withdraw(uint256 i, uint96 amount) external {
        address who = _who(i);
        ILedger.Purse memory p = w.ledger.purse(who);
        vm.startPrank(who);
        if (p.requested == 0 || _clock < p.requestedAt + 1 days) {
            if (p.balance != 0) w.ledger.requestWithdraw(uint96(bound(amount, 1, p.balance)));
        } else if (p.balance != 0) {
            purseOut[who] += w.ledger.withdraw(who);
        }
        vm.stopPrank();
    }

    function session(uint256 i, uint256 expiry, uint96 cap, bool standing) external {
        address who = _who(i);
        uint48 until = uint48(_clock + bound(expiry, 0, 90 days));
        address strategy = i % 2 == 0 ? address(w.auction) : address(w.patronage);
        vm.prank(who);
        w.ledger.setSession(strategy, until, standing ? type(uint96).max : uint96(bound(cap, 0, 300 ether)));
    }

    function buy(uint256 i, bool fromPurse) external {
        if (sold == 20) return;
        uint256 price = w.auction.priceAt(auctionId, _clock);
        address who = _who(i);
        bool allowed = _allowed(who, address(w.auction), price);
        vm.prank(who);
        if (fromPurse) {
            try w.auction.buyFromPurse(w.song, who, price) {
                if (!allowed) broken = "4: a purse was charged without leave";
                purseOut[who] += price;
            } catch {
                if (allowed) broken = "4: a purse refused what it allows";
                return;
            }
        } else {
            w.auction.buy(w.song, who, price);
        }
        earned += price;
        ++sold;
    }

    function subscribe(uint256 i, uint256 periods, bool fromPurse) external {
        address who = _who(i);
        uint256 end = w.patronage.subscription(planId, who).paidThrough;
        if (end != 0 && _clock <= end + 7 days) return;
        periods = bound(periods, 2, 12);
        uint256 cost = uint256(w.patronage.plan(planId).price) * periods;
        bool allowed = _allowed(who, address(w.patronage), cost);
        vm.prank(who);
        if (fromPurse) {
            try w.patronage.subscribeFromPurse(w.song, who, periods, cost) {
                if (!allowed) broken = "4: a purse was charged without leave";
                purseOut[who] += cost;
            } catch {
                if (allowed) broken = "4: a purse refused what it allows";
                return;
            }
        } else {
            w.patronage.subscribe(w.song, who, periods, cost);
        }
        earned += cost;
        _paidPeriods[who] += periods;
        _look(who);
    }

    function renewAll() external {
        address[] memory people = new address[](PEOPLE + 1);
        uint256[] memory ends = new uint256[](PEOPLE);
        // Named twice, charged once.
        people[PEOPLE] = _who(0);
        for (uint256 i; i < PEOPLE; ++i) {
            people[i] = _who(i);
            ends[i] = w.patronage.subscription(planId, people[i]).paidThrough;
        }
        uint256[] memory had = new uint256[](PEOPLE);
        for (uint256 i; i < PEOPLE; ++i) {
            had[i] = w.token.balanceOf(people[i]) + w.ledger.purse(people[i]).balance;
        }
        earned += w.patronage.renewMany(planId, people);
        for (uint256 i; i < PEOPLE; ++i) {
            uint256 charge = had[i] - w.token.balanceOf(people[i]) - w.ledger.purse(people[i]).balance;
            if (charge != 0) {
                if (w.patronage.subscription(planId, people[i]).fromPurse) purseOut[people[i]] += charge;
                ++_paidPeriods[people[i]];
                if (_clock < ends[i]) broken = "8: charged before it was due";
                if (charge > w.patronage.subscription(planId, people[i]).agreedPrice) {
                    broken = "8: above what was agreed";
                }
            }
            _look(people[i]);
        }
    }

    function consent(uint256 i, uint96 price) external {
        address who = _who(i);
        if (w.patronage.subscription(planId, who).start == 0) return;
        vm.startPrank(who);
        if (price % 3 == 0) w.patronage.cancel(planId);
        else w.patronage.setAutoRenew(planId, uint96(bound(price, 1 ether, 20 ether)), price % 2 == 0);
        vm.stopPrank();
    }

    function change(uint256 what, uint96 price) external {
        vm.startPrank(w.artist);
        if (what % 2 == 0) {
            w.patronage
                .updatePlan(planId, uint96(bound(price, 1 ether, 20 ether)), [uint16(0), 500, 1_000, 2_000], true);
        } else {
            w.ledger.setPrice(w.song, uint128(bound(price, 1, 1 ether)));
        }
        vm.stopPrank();
    }

    function fund(uint256 amount) external {
        amount = bound(amount, 1, 100 ether);
        if (w.credits.balanceOf(w.artist) < amount) return;
        vm.prank(w.artist);
        w.gift.fund(w.song, amount);
        fundedSum += amount;
    }

    function takeBack(uint256 amount) external {
        uint256 budget = w.gift.fundOf(w.song).budget;
        if (budget == 0) return;
        amount = bound(amount, 1, budget);
        vm.prank(w.artist);
        w.gift.withdrawUnused(w.song, amount, w.artist);
        takenBack += amount;
    }

    function listen(uint256 i, uint64 more) external {
        address who = _who(i);
        uint64 cumulative = _listens[who] + uint64(bound(more, 1, 12));
        bytes32 inner = keccak256(abi.encode(w.gift.LISTENS_TYPEHASH(), w.song, who, cumulative, uint48(_clock)));
        bytes memory proof = _sign(w.attestor, w.giftDomain, inner);
        try w.gift.claimListens(w.song, who, cumulative, uint48(_clock), proof) returns (uint256 amount) {
            rewarded += amount;
            _listens[who] = cumulative;
            _paidOn[who][_clock / 1 days] += amount;
            if (_paidOn[who][_clock / 1 days] > 20 ether) broken = "9: above the cap of a day";
        } catch {}
        if (w.gift.profile(w.song, who).listens != _listens[who]) broken = "9: the count is not what was attested";
    }

    function pursesHeld() external view returns (uint256 sum) {
        for (uint256 i; i < PEOPLE; ++i) {
            address who = _who(i);
            uint256 held = w.ledger.purse(who).balance;
            assertEq(held, purseIn[who] - purseOut[who], "4: a purse is what went in less what went out");
            sum += held;
        }
    }

    function passesHeld() external view returns (uint256 sum) {
        for (uint256 i; i < PEOPLE; ++i) {
            sum += w.auction.balanceOf(_who(i), auctionId);
        }
    }

    /// @dev Whether a purse and its session let a strategy take so much, by what the Ledger says.
    function _allowed(address who, address strategy, uint256 amount) private view returns (bool) {
        ILedger.Session memory given = w.ledger.session(who, strategy);
        bool reaches = given.cap == type(uint96).max || given.spent + amount <= given.cap;
        return _clock <= given.expiry && reaches && amount <= w.ledger.purse(who).balance;
    }

    function _look(address who) private {
        PatronageBase.Subscription memory s = w.patronage.subscription(planId, who);
        if (s.paidThrough < _paidThrough[who]) broken = "8: paid time was taken away";
        _paidThrough[who] = s.paidThrough;
        if (s.periods != _paidPeriods[who]) broken = "8: periods without a charge";
        uint256 tier = w.patronage.tier(planId, who);
        uint256 paid = uint256(s.paidThrough) - s.start;
        if ((tier > 1 && paid < 90 days) || (tier > 2 && paid < 180 days) || (tier > 3 && paid < 365 days)) {
            broken = "8: a tier beyond the paid time";
        }
    }

    function _voucher(ILedger.Voucher memory v) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                w.ledger.VOUCHER_TYPEHASH(), v.listener, v.nonce, v.deadline, v.total, v.playsHash, keccak256(v.items)
            )
        );
    }

    function _sign(uint256 key, bytes32 domain, bytes32 inner) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, inner)));
        return abi.encodePacked(r, s, v);
    }

    function _who(uint256 i) private pure returns (address) {
        return vm.addr(FIRST_KEY + i % PEOPLE);
    }
}
