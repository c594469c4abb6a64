// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice Any price, count, fee and split: what goes in comes out, to the wei.
contract SplitsFuzz is Fixture {
    function testFuzz_payment_grossIsFeePlusNet(uint96 price, uint32 count, uint16 feeBps) public {
        price = uint96(bound(price, 1, type(uint48).max));
        count = uint32(bound(count, 1, type(uint32).max));
        uint256 cost = uint256(price) * count;
        feeBps = uint16(bound(feeBps, 0, 500));
        vm.prank(owner);
        policy.scheduleFee(feeBps);
        skip(2 days);
        policy.applyFee();
        ledger.updateFee();
        uint64 fresh = makePayee(single(artist));
        vm.startPrank(artist);
        ledger.setPayee(song, fresh);
        ledger.setPrice(song, price);
        vm.stopPrank();
        give(listener, cost);
        vm.prank(listener);
        ledger.payStream(song, count, cost);
        ILedger.Account memory a = ledger.account(fresh);
        assertEq(a.fee, cost * feeBps / 10_000);
        assertEq(uint256(a.balance) + a.fee, cost);
        assertEq(a.streams, count);
    }

    function testFuzz_distribute_paysExactlyTheNetEachWithinAWei(uint96 amount, uint8 people, uint256 seed, bool push)
        public
    {
        amount = uint96(bound(amount, 1, type(uint88).max));
        ILedger.Split memory split = random(bound(people, 1, 100), seed);
        uint64 crowd = makePayee(split);
        vm.prank(artist);
        ledger.setPayee(song, crowd);
        give(listener, amount);
        vm.prank(listener);
        ledger.tip(song, amount);
        uint256 net = ledger.account(crowd).balance;
        ledger.distribute(crowd, split, push);
        uint256 sum;
        for (uint256 i; i < split.to.length; ++i) {
            uint256 got = push ? token.balanceOf(split.to[i]) : ledger.claimable(split.to[i]);
            uint256 exact = net * split.bps[i] / 10_000;
            assertLe(got > exact ? got - exact : exact - got, 1, "a share is off by more than a wei");
            sum += got;
        }
        assertEq(sum, net, "dust");
        assertEq(ledger.account(crowd).balance, 0);
        assertEq(push ? token.balanceOf(treasury) : ledger.claimable(treasury), uint256(amount) - net);
    }

    function testFuzz_payStream_neverCostsMoreThanAllowed(uint64 price, uint16 count, uint96 maxCost) public {
        price = uint64(bound(price, 1, type(uint64).max));
        count = uint16(bound(count, 1, type(uint16).max));
        uint256 cost = uint256(price) * count;
        vm.prank(artist);
        ledger.setPrice(song, price);
        give(listener, cost);
        uint256 before = token.balanceOf(listener);
        vm.prank(listener);
        (bool ok,) = address(ledger).call(abi.encodeCall(ledger.payStream, (song, count, maxCost)));
        assertEq(ok, cost <= maxCost);
        assertLe(before - token.balanceOf(listener), maxCost);
    }

    function testFuzz_register_idsOfTwoArtistsNeverMeet(address a, address b, bytes32 content) public view {
        vm.assume(a != b);
        assertTrue(ledger.songIdOf(a, content) != ledger.songIdOf(b, content));
    }

    function testFuzz_createPayee_onlyAWholeIsTaken(uint16[4] memory bps) public {
        ILedger.Split memory split;
        split.to = new address[](4);
        split.bps = new uint16[](4);
        uint256 sum;
        bool empty;
        for (uint256 i; i < 4; ++i) {
            split.to[i] = address(uint160(i + 1));
            split.bps[i] = uint16(bound(bps[i], 0, 5_000));
            sum += split.bps[i];
            empty = empty || split.bps[i] == 0;
        }
        (bool ok,) = address(ledger).call(abi.encodeCall(ledger.createPayee, (split, new string[](4))));
        assertEq(ok, sum == 10_000 && !empty);
    }

    function random(uint256 n, uint256 seed) private pure returns (ILedger.Split memory split) {
        split = many(n);
        for (uint256 i; i + 1 < n; ++i) {
            uint16 moved = uint16(uint256(keccak256(abi.encode(seed, i))) % split.bps[i]);
            split.bps[i] -= moved;
            split.bps[i + 1] += moved;
        }
    }
}
