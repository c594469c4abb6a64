// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ILedger} from "../../src/interfaces/ILedger.sol";
import {Fixture} from "../utils/Fixture.sol";

/// @notice A contract wallet: what one key signs, it signs.
contract Wallet {
    address private immutable _holder;

    constructor(address holder) {
        _holder = holder;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s) = abi.decode(signature[:64], (bytes32, bytes32));
        bool ok = ecrecover(digest, uint8(signature[64]), r, s) == _holder;
        return ok ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @notice A wallet that would like to stop everyone.
contract BadWallet {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        while (true) {}
        return 0;
    }
}

/// @notice Many plays, one signature.
contract VouchersTest is Fixture {
    uint256 private constant KEY = 0x5e55;
    address private key = vm.addr(KEY);

    function setUp() public override {
        super.setUp();
        fill(listener, 10 ether);
    }

    function test_settle_paysEveryItemAndSaysWhich() public {
        uint64 second = makePayee(single(other));
        bytes memory items = bytes.concat(item(payee, 10, 0.1 ether), item(second, 5, 0.2 ether));
        ILedger.Voucher memory v = signed(LISTENER_KEY, voucher(listener, 7, 0.3 ether, items));
        vm.expectEmit(address(ledger));
        emit ILedger.VoucherSettled(listener, 7, 0.3 ether, v.playsHash, items);
        vm.prank(other);
        assertEq(settleOne(v), 1);
        assertEq(ledger.account(payee).balance, 0.099 ether);
        assertEq(ledger.account(payee).streams, 10);
        assertEq(ledger.account(second).balance, 0.198 ether);
        assertEq(ledger.account(second).fee, 0.002 ether);
        assertEq(ledger.purse(listener).balance, 9.7 ether);
        assertEq(ledger.purse(listener).top, 7);
    }

    function test_settle_aVoucherIsChargedOnce() public {
        ILedger.Voucher memory v = good(1);
        assertEq(settleOne(v), 1);
        skips(v, ILedger.Skip.Charged);
        assertEq(ledger.purse(listener).balance, 10 ether - PRICE);
    }

    function test_settle_noncesMayComeInAnyOrderWithinSixtyFour() public {
        assertEq(settleOne(good(64)), 1);
        assertEq(settleOne(good(1)), 1);
        assertEq(settleOne(good(63)), 1);
        skips(good(0), ILedger.Skip.Charged);
        skips(good(63), ILedger.Skip.Charged);
    }

    function test_settle_aLeapForgetsNothingThatMatters() public {
        assertEq(settleOne(good(5)), 1);
        assertEq(settleOne(good(68)), 1);
        skips(good(5), ILedger.Skip.Charged);
        assertEq(settleOne(good(6)), 1);
        assertEq(settleOne(good(1_000)), 1);
        skips(good(68), ILedger.Skip.Charged);
        assertEq(settleOne(good(type(uint64).max)), 1);
        skips(good(type(uint64).max), ILedger.Skip.Charged);
    }

    function test_settle_nonceZeroIsAsGoodAsAny() public {
        assertEq(settleOne(good(0)), 1);
        skips(good(0), ILedger.Skip.Charged);
    }

    function test_settle_afterTheDeadlineIsSkipped() public {
        ILedger.Voucher memory v = good(1);
        skip(1 days + 1);
        skips(v, ILedger.Skip.Expired);
    }

    function test_settle_moreThanThePurseHoldsIsSkipped() public {
        skips(signed(LISTENER_KEY, voucher(listener, 1, 11 ether, item(payee, 1, 11 ether))), ILedger.Skip.Balance);
    }

    function test_settle_malformedItemsAreSkipped() public {
        uint64 second = makePayee(single(other));
        bytes[7] memory bad = [
            bytes(""),
            hex"00",
            item(0, 1, uint96(PRICE)),
            item(9, 1, uint96(PRICE)),
            item(payee, 0, uint96(PRICE)),
            bytes.concat(item(second, 1, uint96(PRICE) / 2), item(payee, 1, uint96(PRICE) / 2)),
            bytes.concat(item(payee, 1, uint96(PRICE) / 2), item(payee, 1, uint96(PRICE) / 2))
        ];
        for (uint256 i; i < bad.length; ++i) {
            skips(signed(LISTENER_KEY, voucher(listener, 1, uint96(PRICE), bad[i])), ILedger.Skip.Items);
        }
        skips(
            signed(LISTENER_KEY, voucher(listener, 1, uint96(PRICE), item(payee, 1, uint96(PRICE) + 1))),
            ILedger.Skip.Items
        );
        assertEq(settleOne(good(1)), 1);
    }

    function test_settle_aSignatureForOtherValuesIsSkipped() public {
        ILedger.Voucher memory v = good(1);
        v.playsHash = keccak256("other plays");
        skips(v, ILedger.Skip.Signature);
        v = good(1);
        v.deadline += 1;
        skips(v, ILedger.Skip.Signature);
        v = good(1);
        v.nonce = 2;
        skips(v, ILedger.Skip.Signature);
        v = good(1);
        v.signature = hex"1234";
        skips(v, ILedger.Skip.Signature);
        v = good(1);
        vm.chainId(100);
        skips(v, ILedger.Skip.Signature);
    }

    function test_settle_aStrangersSignatureIsSkipped() public {
        skips(signed(KEY, voucher(listener, 1, uint96(PRICE), item(payee, 1, uint96(PRICE)))), ILedger.Skip.Signature);
    }

    function test_settle_aCompactSignatureCounts() public {
        ILedger.Voucher memory v = voucher(listener, 1, uint96(PRICE), item(payee, 1, uint96(PRICE)));
        v.signature = compact(LISTENER_KEY, voucherDigest(v));
        assertEq(settleOne(v), 1);
    }

    function test_settle_aMalleableSignatureIsSkipped() public {
        ILedger.Voucher memory v = voucher(listener, 1, uint96(PRICE), item(payee, 1, uint96(PRICE)));
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(LISTENER_KEY, voucherDigest(v));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        v.signature = abi.encodePacked(r, bytes32(order - uint256(s)), parity == 27 ? uint8(28) : uint8(27));
        skips(v, ILedger.Skip.Signature);
    }

    function test_settle_aContractWalletSigns() public {
        address wallet = address(new Wallet(key));
        fill(wallet, 1 ether);
        assertEq(settleOne(signed(KEY, voucher(wallet, 1, uint96(PRICE), item(payee, 1, uint96(PRICE))))), 1);
        skips(
            signed(LISTENER_KEY, voucher(wallet, 2, uint96(PRICE), item(payee, 1, uint96(PRICE)))),
            ILedger.Skip.Signature
        );
    }

    function test_settle_anAccountWithDelegatedCodeSignsWithItsKey() public {
        vm.etch(listener, abi.encodePacked(hex"ef0100", address(ledger)));
        assertEq(settleOne(good(1)), 1);
    }

    function test_settle_aWalletThatBurnsGasStopsNobody() public {
        address wallet = address(new BadWallet());
        fill(wallet, 1 ether);
        ILedger.Voucher[] memory list = new ILedger.Voucher[](2);
        list[0] = signed(KEY, voucher(wallet, 1, uint96(PRICE), item(payee, 1, uint96(PRICE))));
        list[1] = good(1);
        assertEq(ledger.settle{gas: 1_000_000}(list), 1);
        assertEq(ledger.purse(wallet).balance, 1 ether);
    }

    /// A batch was all or nothing.
    function test_regression_aBadVoucherStopsNoOther() public {
        ILedger.Voucher[] memory list = new ILedger.Voucher[](4);
        list[0] = good(1);
        list[1] = good(1);
        list[2] = good(2);
        list[2].signature = new bytes(65);
        list[3] = good(3);
        assertEq(ledger.settle(list), 2);
        assertEq(ledger.account(payee).streams, 2);
    }

    function test_settle_isNeverPaused() public {
        vm.prank(guardian);
        ledger.pauseInflows{value: 1}(uint48(clock + 7 days));
        assertEq(settleOne(good(1)), 1);
    }

    function test_settle_anAccountThatIsFullIsSkipped() public {
        uint256 much = type(uint96).max;
        give(other, 2 * much);
        vm.prank(other);
        ledger.tip(song, much);
        address rich = vm.addr(KEY);
        fill(rich, much);
        skips(signed(KEY, voucher(rich, 1, type(uint96).max, item(payee, 1, type(uint96).max))), ILedger.Skip.Items);
    }

    // --- session keys -------------------------------------------------------------------------------------------------

    function test_session_aKeySignsWithinItsCap() public {
        vm.expectEmit(address(ledger));
        emit ILedger.SessionSet(listener, key, uint48(clock + 1 hours), 0.015 ether);
        vm.prank(listener);
        ledger.setSession(key, uint48(clock + 1 hours), 0.015 ether);
        assertEq(settleOne(byKey(1)), 1);
        assertEq(ledger.session(listener, key).spent, PRICE);
        skips(byKey(2), ILedger.Skip.Session);
        assertEq(ledger.purse(listener).balance, 10 ether - PRICE);
    }

    function test_session_expires() public {
        vm.prank(listener);
        ledger.setSession(key, uint48(clock + 1 hours), 1 ether);
        skip(1 hours);
        assertEq(settleOne(byKey(1)), 1);
        skip(1);
        skips(byKey(2), ILedger.Skip.Session);
    }

    function test_session_canBeRevoked() public {
        vm.startPrank(listener);
        ledger.setSession(key, uint48(clock + 1 hours), 1 ether);
        ledger.setSession(key, 0, 0);
        vm.stopPrank();
        skips(byKey(1), ILedger.Skip.Signature);
    }

    function test_session_isForOneListener() public {
        vm.prank(other);
        ledger.setSession(key, uint48(clock + 1 hours), 1 ether);
        skips(byKey(1), ILedger.Skip.Signature);
    }

    function test_session_needsAKey() public {
        vm.expectRevert(ILedger.ZeroAddress.selector);
        ledger.setSession(address(0), 1, 1);
    }

    /// Places of vouchers and of what they hold are checked by hand: one outside the calldata stops the call.
    function test_settle_whatLiesOutsideTheRequestIsRefused() public {
        ILedger.Voucher[] memory list = new ILedger.Voucher[](1);
        list[0] = good(1);
        bytes memory call = abi.encodeCall(ledger.settle, (list));
        // words: list, length, voucher, its seven heads (items, signature), length of the items, the item, length of the signature
        uint256[5] memory words = [uint256(2), 8, 9, 10, 12];
        for (uint256 i; i < words.length; ++i) {
            for (uint256 k; k < 2; ++k) {
                bytes memory bad = bytes.concat(call);
                bad[4 + 32 * words[i] + (k == 0 ? 0 : 29)] = 0xff;
                (bool ok,) = address(ledger).call(bad);
                assertFalse(ok);
            }
        }
        (bool settled,) = address(ledger).call(call);
        assertTrue(settled);
        assertEq(ledger.purse(listener).top, 1);
    }

    // --- fuzz ---------------------------------------------------------------------------------------------------------

    /// Any order of nonces: each is charged at most once, and exactly those a plain window of 64 would take.
    function testFuzz_window_chargesANonceAtMostOnce(uint8[8] memory steps) public {
        uint256 top;
        bool[512] memory charged;
        bool any;
        for (uint256 i; i < steps.length; ++i) {
            uint64 nonce = uint64(uint256(steps[i]) * 2 / (i % 3 + 1));
            bool expected = !charged[nonce] && (!any || nonce > top || top - nonce < 64);
            if (!any && nonce == 0) expected = true;
            assertEq(settleOne(good(nonce)) == 1, expected);
            if (expected) {
                charged[nonce] = true;
                any = true;
                if (nonce > top) top = nonce;
            }
        }
    }

    function good(uint64 nonce) private view returns (ILedger.Voucher memory) {
        return signed(LISTENER_KEY, voucher(listener, nonce, uint96(PRICE), item(payee, 1, uint96(PRICE))));
    }

    function byKey(uint64 nonce) private view returns (ILedger.Voucher memory) {
        return signed(KEY, voucher(listener, nonce, uint96(PRICE), item(payee, 1, uint96(PRICE))));
    }

    function skips(ILedger.Voucher memory v, ILedger.Skip reason) private {
        uint256 before = ledger.purse(v.listener).balance;
        vm.expectEmit(address(ledger));
        emit ILedger.VoucherSkipped(v.listener, v.nonce, uint8(reason));
        assertEq(settleOne(v), 0);
        assertEq(ledger.purse(v.listener).balance, before);
    }
}
