// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeePolicy} from "../../src/FeePolicy.sol";
import {FlowToken} from "../../src/FlowToken.sol";
import {Ledger} from "../../src/Ledger.sol";
import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Test} from "./Forge.sol";

/// @notice The contracts, an artist with a song at 0.01 FLOW, and a listener with money who allowed the Ledger.
abstract contract Fixture is Test {
    uint128 internal constant PRICE = 0.01 ether;
    uint8 internal constant STREAM = 1;
    uint16 internal constant FEE_BPS = 100;

    address internal owner = vm.addr(0x0a11);
    address internal treasury = vm.addr(0x7ea5);
    address internal guardian = vm.addr(0x6a2d);
    uint256 internal constant ARTIST_KEY = 0xa2715;
    address internal artist = vm.addr(ARTIST_KEY);
    uint256 internal constant LISTENER_KEY = 0x115e;
    address internal listener = vm.addr(LISTENER_KEY);
    address internal other = vm.addr(0x07e2);
    address internal friend = vm.addr(0xf21e);

    FlowToken internal token;
    FeePolicy internal policy;
    Ledger internal ledger;
    uint64 internal payee;
    bytes32 internal song;
    bytes32 internal constant CONTENT = keccak256("Low Lamp");
    /// @dev Chain time of the test. The compiler takes block.timestamp for a constant of a call, which cheat codes break.
    uint256 internal clock = 1_700_000_000;

    function setUp() public virtual {
        vm.warp(clock);
        vm.deal(guardian, 1 ether);
        token = FlowToken(make("FlowToken", abi.encode(owner)));
        policy = makePolicy(treasury, FEE_BPS);
        ledger = makeLedger(address(token), address(policy));
        payee = makePayee(pair(artist, 8_500, friend));
        vm.prank(artist);
        song = ledger.register(CONTENT, payee, PRICE, STREAM);
        give(listener, 1_000 ether);
    }

    function makePolicy(address treasury_, uint16 feeBps) internal returns (FeePolicy) {
        return FeePolicy(make("FeePolicy", abi.encode(owner, treasury_, feeBps)));
    }

    function makeLedger(address token_, address policy_) internal returns (Ledger) {
        return Ledger(make("Ledger", abi.encode(token_, policy_, guardian)));
    }

    /// @dev Let time pass.
    function skip(uint256 seconds_) internal {
        clock += seconds_;
        vm.warp(clock);
    }

    /// @dev Money and an unlimited allowance for the Ledger.
    function give(address to, uint256 amount) internal {
        vm.prank(owner);
        token.mint(to, amount);
        vm.prank(to);
        token.approve(address(ledger), type(uint256).max);
    }

    function makePayee(ILedger.Split memory split) internal returns (uint64) {
        return ledger.createPayee(split, new string[](split.to.length));
    }

    function single(address to) internal pure returns (ILedger.Split memory split) {
        split.to = new address[](1);
        split.bps = new uint16[](1);
        split.to[0] = to;
        split.bps[0] = 10_000;
    }

    function pair(address a, uint16 bpsA, address b) internal pure returns (ILedger.Split memory split) {
        split.to = new address[](2);
        split.bps = new uint16[](2);
        (split.to[0], split.to[1]) = (a, b);
        (split.bps[0], split.bps[1]) = (bpsA, 10_000 - bpsA);
    }

    /// @dev A split over addresses 1000, 1001, ... with equal shares; the last takes the rest.
    function many(uint256 n) internal pure returns (ILedger.Split memory split) {
        split.to = new address[](n);
        split.bps = new uint16[](n);
        for (uint256 i; i < n; ++i) {
            split.to[i] = address(uint160(1_000 + i));
            split.bps[i] = uint16(10_000 / n);
        }
        split.bps[n - 1] += uint16(10_000 % n);
    }

    function usual() internal view returns (ILedger.Split memory) {
        return pair(artist, 8_500, friend);
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    /// @dev A purse with money in it.
    function fill(address whose, uint256 amount) internal {
        give(whose, amount);
        vm.prank(whose);
        ledger.deposit(whose, amount);
    }

    function item(uint64 payee_, uint32 count, uint96 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(payee_, count, amount);
    }

    /// @dev A voucher without a signature that lasts a day.
    function voucher(address whose, uint64 nonce, uint96 total, bytes memory items)
        internal
        view
        returns (ILedger.Voucher memory v)
    {
        v.listener = whose;
        v.nonce = nonce;
        v.deadline = uint48(clock + 1 days);
        v.total = total;
        v.playsHash = keccak256("plays");
        v.items = items;
    }

    function voucherDigest(ILedger.Voucher memory v) internal view returns (bytes32) {
        return typed(
            keccak256(
                abi.encode(
                    ledger.VOUCHER_TYPEHASH(), v.listener, v.nonce, v.deadline, v.total, v.playsHash, keccak256(v.items)
                )
            )
        );
    }

    function signed(uint256 key, ILedger.Voucher memory v) internal view returns (ILedger.Voucher memory) {
        v.signature = signature(key, voucherDigest(v));
        return v;
    }

    function settleOne(ILedger.Voucher memory v) internal returns (uint256) {
        ILedger.Voucher[] memory list = new ILedger.Voucher[](1);
        list[0] = v;
        return ledger.settle(list);
    }

    /// @dev The digest of a struct in the Ledger's domain.
    function typed(bytes32 inner) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Mycelix Ledger"),
                keccak256("1"),
                block.chainid,
                address(ledger)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, inner));
    }

    /// @dev Wei of the Ledger that belong to somebody: accounts of all payees.
    function inAccounts() internal view returns (uint256 sum) {
        uint64 n = ledger.payees();
        for (uint64 i = 1; i <= n; ++i) {
            ILedger.Account memory a = ledger.account(i);
            sum += uint256(a.balance) + a.fee;
        }
    }
}
