// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeePolicy} from "../../src/FeePolicy.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Test} from "../utils/Forge.sol";
import {BlockToken} from "../utils/Tokens.sol";

/// @notice Does what people do with the Ledger, always something valid, and keeps its own books beside.
contract Handler is Test {
    Ledger public immutable ledger;
    BlockToken public immutable token;
    FeePolicy public immutable policy;
    address public immutable owner;

    address[] public artists;
    address[] public listeners;
    bytes32[] public songs;
    mapping(bytes32 => address) public artistOf;
    mapping(uint64 => ILedger.Split) private _splits;
    mapping(uint64 => uint16) public lowestFee;

    /// @notice Wei paid in, given away without being asked, and paid out, by the handler's own count.
    uint256 public paidIn;
    uint256 public donated;
    uint256 public paidOut;
    /// @notice Wei handed out by a distribution beyond or below what the account held.
    uint256 public dust;
    /// @notice Money that vanished from an account through something other than a distribution.
    uint256 public lost;
    /// @notice Calls by those who may not, that went through.
    uint256 public trespasses;
    /// @notice Distributions that failed although there was money.
    uint256 public stopped;
    uint256 private _salt;
    uint256 private _clock = 1_700_000_000;

    constructor(Ledger ledger_, BlockToken token_, FeePolicy policy_, address owner_) {
        (ledger, token, policy, owner) = (ledger_, token_, policy_, owner_);
        for (uint256 i = 1; i <= 3; ++i) {
            artists.push(vm.addr(i));
            address listener = vm.addr(100 + i);
            listeners.push(listener);
            token.mint(listener, type(uint88).max);
            vm.prank(listener);
            token.approve(address(ledger), type(uint256).max);
        }
        vm.prank(owner);
        policy.setTreasury(address(0x9000));
        _newPayee(0);
        _newSong(artists[0], 1);
    }

    function songCount() external view returns (uint256) {
        return songs.length;
    }

    function newPayee(uint256 seed) external {
        if (ledger.payees() < 12) _newPayee(seed);
    }

    function newSong(uint256 who, uint256 payee) external {
        if (songs.length < 12) _newSong(artists[who % artists.length], _payee(payee));
    }

    function payStream(uint256 song, uint256 who, uint32 count) external {
        bytes32 id = songs[song % songs.length];
        count = uint32(bound(count, 1, 1_000));
        uint256 cost = uint256(ledger.song(id).price) * count;
        if (ledger.song(id).strategies & 1 == 0) return;
        uint256 before = token.balanceOf(listeners[who % listeners.length]);
        vm.prank(listeners[who % listeners.length]);
        ledger.payStream(id, count, cost);
        assertEq(before - token.balanceOf(listeners[who % listeners.length]), cost);
        paidIn += cost;
    }

    function tip(uint256 song, uint256 who, uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        vm.prank(listeners[who % listeners.length]);
        ledger.tip(songs[song % songs.length], amount);
        paidIn += amount;
    }

    function donate(uint256 amount) external {
        amount = bound(amount, 0, 1e20);
        token.mint(address(ledger), amount);
        donated += amount;
    }

    function distribute(uint256 which, bool push) external {
        uint64 payee = _payee(which);
        ILedger.Account memory a = ledger.account(payee);
        if (uint256(a.balance) + a.fee == 0) return;
        ILedger.Split memory split = _splits[payee];
        (uint256 beforeOut, uint256 beforeTreasury) = _holdings(split);
        try ledger.distribute(payee, split, push) {
            (uint256 afterOut, uint256 afterTreasury) = _holdings(split);
            if (afterOut - beforeOut != a.balance || afterTreasury - beforeTreasury != a.fee) ++dust;
        } catch {
            ++stopped;
        }
    }

    function claim(uint256 which) external {
        address who = _recipient(which);
        if (ledger.claimable(who) == 0) return;
        vm.prank(who);
        paidOut += ledger.claim(address(0xca54));
    }

    function block_(uint256 which, bool on) external {
        token.setBlocked(_recipient(which), on);
    }

    function change(uint256 song, uint256 what, uint256 value) external {
        bytes32 id = songs[song % songs.length];
        uint256 before = _accounts();
        vm.startPrank(artistOf[id]);
        if (what % 3 == 0) ledger.setPrice(id, uint128(bound(value, 1, 1e18)));
        else if (what % 3 == 1) ledger.setStrategies(id, uint8(value % 16));
        else ledger.setPayee(id, _payee(value));
        vm.stopPrank();
        if (_accounts() != before) ++lost;
    }

    function transfer(uint256 song, uint256 to) external {
        bytes32 id = songs[song % songs.length];
        address next = artists[to % artists.length];
        vm.prank(artistOf[id]);
        ledger.offerSong(id, next);
        vm.prank(next);
        ledger.acceptSong(id);
        artistOf[id] = next;
    }

    function trespass(uint256 song, uint256 who, uint256 value) external {
        bytes32 id = songs[song % songs.length];
        address stranger = artists[who % artists.length];
        if (stranger == artistOf[id]) stranger = listeners[0];
        vm.startPrank(stranger);
        if (_call(abi.encodeCall(ledger.setPrice, (id, uint128(value))))) ++trespasses;
        if (_call(abi.encodeCall(ledger.setPayee, (id, _payee(value))))) ++trespasses;
        if (_call(abi.encodeCall(ledger.setStrategies, (id, uint8(value % 16))))) ++trespasses;
        if (_call(abi.encodeCall(ledger.offerSong, (id, stranger)))) ++trespasses;
        if (_call(abi.encodeCall(ledger.acceptSong, (id)))) ++trespasses;
        if (_call(abi.encodeCall(ledger.lockSplit, (id)))) ++trespasses;
        vm.stopPrank();
    }

    /// @notice Everything the owner can reach.
    function govern(uint256 what, uint256 value) external {
        uint256 before = _accounts();
        if (what % 3 == 0) {
            vm.prank(owner);
            policy.setTreasury(address(uint160(bound(value, 0x9000, 0x9003))));
        } else if (what % 3 == 1) {
            vm.prank(owner);
            policy.scheduleFee(uint16(value % 501));
            _clock += 2 days;
            vm.warp(_clock);
            policy.applyFee();
            ledger.updateFee();
        } else {
            uint64 payee = _payee(value);
            _call(abi.encodeCall(ledger.lowerFee, (payee)));
            if (ledger.account(payee).feeBps > lowestFee[payee]) ++lost;
            lowestFee[payee] = ledger.account(payee).feeBps;
        }
        if (_accounts() != before) ++lost;
    }

    /// @notice Wei the Ledger owes: accounts and what waits to be claimed.
    function owed() external view returns (uint256 sum) {
        sum = _accounts();
        for (uint256 i; i < 8; ++i) {
            sum += ledger.claimable(_recipient(i));
        }
        for (uint256 i = 0x9000; i <= 0x9003; ++i) {
            sum += ledger.claimable(address(uint160(i)));
        }
    }

    function _holdings(ILedger.Split memory split) private view returns (uint256 people, uint256 treasury) {
        for (uint256 i; i < split.to.length; ++i) {
            people += token.balanceOf(split.to[i]) + ledger.claimable(split.to[i]);
        }
        treasury = token.balanceOf(policy.treasury()) + ledger.claimable(policy.treasury());
    }

    function _accounts() private view returns (uint256 sum) {
        uint64 n = ledger.payees();
        for (uint64 i = 1; i <= n; ++i) {
            ILedger.Account memory a = ledger.account(i);
            sum += uint256(a.balance) + a.fee;
        }
    }

    /// @dev Splits of 1 to 4 different people out of eight.
    function _newPayee(uint256 seed) private {
        uint256 n = 1 + seed % 4;
        ILedger.Split memory split;
        split.to = new address[](n);
        split.bps = new uint16[](n);
        uint256 left = 10_000;
        for (uint256 i; i < n; ++i) {
            split.to[i] = _recipient(seed / 4 + i);
            uint256 share = i + 1 == n ? left : 1 + uint256(keccak256(abi.encode(seed, i))) % (left + i - n);
            split.bps[i] = uint16(share);
            left -= share;
        }
        uint64 payee = ledger.createPayee(split, new string[](n));
        _splits[payee] = split;
        lowestFee[payee] = ledger.account(payee).feeBps;
    }

    function _newSong(address artist, uint64 payee) private {
        vm.prank(artist);
        bytes32 id = ledger.register(keccak256(abi.encode(++_salt)), payee, 0.01 ether, 1);
        songs.push(id);
        artistOf[id] = artist;
    }

    function _recipient(uint256 i) private pure returns (address) {
        return address(uint160(0x8000 + i % 8));
    }

    function _payee(uint256 i) private view returns (uint64) {
        return uint64(1 + i % ledger.payees());
    }

    function _call(bytes memory data) private returns (bool ok) {
        (ok,) = address(ledger).call(data);
    }
}
