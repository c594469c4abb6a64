// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strategies} from "../utils/Strategies.sol";

/// @notice Whole transactions of the strategies, measured alone.
/// forge-config: default.isolate = true
contract StrategiesGas is Strategies {
    function setUp() public override {
        super.setUp();
        vm.prank(listener);
        ledger.tip(song, 1 ether);
    }

    /// @notice Out of a purse, where the strategy has a standing permission, as with ERC-20's endless allowance below.
    function test_gas_auctionBuy() public {
        weekly(100, 0);
        stock(other, 200 ether);
        stock(listener, 200 ether);
        vm.prank(other);
        auction.buyFromPurse(song, other, 100 ether);
        vm.prank(listener);
        auction.buyFromPurse(song, listener, 100 ether);
        vm.snapshotGasLastCall("strategies", "auction buy, from purse");
    }

    function test_gas_subscribeAndRenew() public {
        planOf(10 ether, 1, true);
        stock(listener, 200 ether);
        vm.prank(listener);
        patronage.subscribeFromPurse(song, listener, 1, 10 ether);
        vm.snapshotGasLastCall("strategies", "subscribe, from purse");
        skip(30 days);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        vm.snapshotGasLastCall("strategies", "renew, from purse");
    }

    function test_gas_renewMany() public {
        uint256 id = planOf(10 ether, 1, true);
        address[] memory patrons = new address[](48);
        for (uint256 i; i < 48; ++i) {
            patrons[i] = vm.addr(2_000 + i);
            stock(patrons[i], 100 ether);
            vm.prank(patrons[i]);
            patronage.subscribeFromPurse(song, patrons[i], 1, 10 ether);
        }
        skip(30 days);
        patronage.renewMany(id, patrons);
        uint256 gas = vm.snapshotGasLastCall("strategies", "renewMany, 48 patrons, from purses");
        vm.snapshotValue("strategies", "renewMany, 48 patrons, from purses, each", gas / 48);
        assertEq(ledger.purse(patrons[47]).balance, 80 ether);
    }

    /// @notice By an endless allowance of the token, from the wallet.
    function test_gas_auctionBuyFromWallet() public {
        weekly(100, 0);
        allow(other, 200 ether);
        vm.prank(other);
        auction.buy(song, other, 100 ether);
        vm.prank(listener);
        auction.buy(song, listener, 100 ether);
        vm.snapshotGasLastCall("strategies", "auction buy, from wallet");
    }

    function test_gas_subscribeAndRenewFromWallet() public {
        planOf(10 ether, 1, true);
        vm.prank(listener);
        patronage.subscribe(song, listener, 1, 10 ether);
        vm.snapshotGasLastCall("strategies", "subscribe, from wallet");
        skip(30 days);
        vm.prank(listener);
        patronage.renew(song, listener, 10 ether);
        vm.snapshotGasLastCall("strategies", "renew, from wallet");
    }

    function test_gas_renewManyFromWallets() public {
        uint256 id = planOf(10 ether, 1, true);
        address[] memory patrons = new address[](48);
        for (uint256 i; i < 48; ++i) {
            patrons[i] = vm.addr(2_000 + i);
            allow(patrons[i], 100 ether);
            vm.prank(patrons[i]);
            patronage.subscribe(song, patrons[i], 1, 10 ether);
        }
        skip(30 days);
        patronage.renewMany(id, patrons);
        uint256 gas = vm.snapshotGasLastCall("strategies", "renewMany, 48 patrons, from wallets");
        vm.snapshotValue("strategies", "renewMany, 48 patrons, from wallets, each", gas / 48);
        assertEq(token.balanceOf(patrons[47]), 80 ether);
    }

    function test_gas_giftClaim() public {
        thankful(1_000 ether);
        claim(listener, 10);
        skip(1 days);
        uint48 deadline = uint48(clock + 1 hours);
        bytes memory proof = attest(ATTESTOR_KEY, listener, 20, deadline);
        gift.claimListens(song, listener, 20, deadline, proof);
        vm.snapshotGasLastCall("strategies", "gift claim of 10 listens");
    }
}
