// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice Whole transactions, measured alone (`isolate`); the figures are kept in snapshots/ and compared in CI.
/// forge-config: default.isolate = true
contract LedgerGas is Fixture {
    uint64 private five;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        five = makePayee(many(5));
        vm.prank(artist);
        id = ledger.register(keccak256("five"), five, PRICE, STREAM);
        pay();
    }

    function test_gas_createPayee() public {
        string[] memory roles = new string[](5);
        (roles[0], roles[1], roles[2], roles[3], roles[4]) = ("artist", "artist", "producer", "mixing", "platform");
        ILedger.Split memory split = many(5);
        for (uint256 i; i < 5; ++i) {
            split.to[i] = vm.addr(900 + i);
        }
        ledger.createPayee(split, roles);
        vm.snapshotGasLastCall("ledger", "createPayee, 5 recipients");
    }

    function test_gas_register() public {
        vm.prank(artist);
        ledger.register(keccak256("six"), five, PRICE, STREAM);
        vm.snapshotGasLastCall("ledger", "register");
    }

    function test_gas_payStream() public {
        pay();
        vm.snapshotGasLastCall("ledger", "payStream, direct");
    }

    function test_gas_payPrepaid() public {
        fill(listener, 1 ether);
        vm.prank(listener);
        ledger.payPrepaid(id, 1, PRICE);
        vm.snapshotGasLastCall("ledger", "payStream, from purse");
    }

    function test_gas_distributePull() public {
        ledger.distribute(five, many(5), false);
        pay();
        ledger.distribute(five, many(5), false);
        vm.snapshotGasLastCall("ledger", "distribute, 5 recipients, pull, steady");
    }

    function test_gas_distributePush() public {
        ledger.distribute(five, many(5), true);
        pay();
        ledger.distribute(five, many(5), true);
        vm.snapshotGasLastCall("ledger", "distribute, 5 recipients, push, steady");
    }

    function test_gas_transferForComparison() public {
        give(other, 1);
        vm.prank(listener);
        token.transfer(other, 1 ether);
        vm.snapshotGasLastCall("ledger", "plain ERC-20 transfer");
    }

    function test_gas_voucherOfAHundredPayees() public {
        fill(listener, 100 ether);
        bytes memory items;
        for (uint256 i; i < 100; ++i) {
            uint64 p = makePayee(single(address(uint160(5_000 + i))));
            vm.prank(artist);
            bytes32 s = ledger.register(bytes32(i), p, PRICE, STREAM);
            vm.prank(listener);
            ledger.payStream(s, 1, PRICE);
            items = bytes.concat(items, item(p, 10, 0.1 ether));
        }
        ILedger.Voucher[] memory list = new ILedger.Voucher[](1);
        list[0] = signed(LISTENER_KEY, voucher(listener, 1, 10 ether, items));
        assertEq(ledger.settle(list), 1);
        uint256 gas = vm.snapshotGasLastCall("ledger", "voucher, 100 payees x 10 streams");
        vm.snapshotValue("ledger", "voucher, 100 payees x 10 streams, a stream", gas / 1_000);
    }

    function test_gas_thousandVouchersOfOneStream() public {
        assertEq(ledger.settle(thousand()), 1_000);
        uint256 gas = vm.snapshotGasLastCall("ledger", "1,000 vouchers of one stream");
        vm.snapshotValue("ledger", "1,000 vouchers of one stream, a stream", gas / 1_000);
    }

    /// @notice With signatures in 64 bytes (ERC-2098) instead of 65.
    function test_gas_thousandVouchersCompact() public {
        ILedger.Voucher[] memory list = thousand();
        for (uint256 i; i < 1_000; ++i) {
            list[i].signature = compact(10_000 + i, voucherDigest(list[i]));
        }
        assertEq(ledger.settle(list), 1_000);
        uint256 gas = vm.snapshotGasLastCall("ledger", "1,000 vouchers of one stream, compact signatures");
        vm.snapshotValue("ledger", "1,000 vouchers of one stream, compact signatures, a stream", gas / 1_000);
    }

    /// @dev A voucher of one stream from each of a thousand listeners.
    function thousand() private returns (ILedger.Voucher[] memory list) {
        list = new ILedger.Voucher[](1_000);
        for (uint256 i; i < 1_000; ++i) {
            uint256 key = 10_000 + i;
            fill(vm.addr(key), 1 ether);
            list[i] = signed(key, voucher(vm.addr(key), 1, uint96(PRICE), item(five, 1, uint96(PRICE))));
        }
    }

    function pay() private {
        vm.prank(listener);
        ledger.payStream(id, 1, PRICE);
    }
}
