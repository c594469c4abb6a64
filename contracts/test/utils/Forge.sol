// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The cheat codes these tests use. forge-std from npm needs a package that is not there, so this stands in for it.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    struct Wallet {
        address addr;
        uint256 publicKeyX;
        uint256 publicKeyY;
        uint256 privateKey;
    }

    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function chainId(uint256 id) external;
    function deal(address to, uint256 wei_) external;
    function etch(address to, bytes calldata code) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function label(address account, string calldata name) external;
    function assume(bool condition) external pure;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit() external;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function snapshotGasLastCall(string calldata name) external returns (uint256);
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function toString(uint256 value) external pure returns (string memory);
    function signAndAttachDelegation(address implementation, uint256 key) external;

    function assertEq(uint256 a, uint256 b) external pure;
    function assertEq(uint256 a, uint256 b, string calldata why) external pure;
    function assertEq(address a, address b) external pure;
    function assertEq(bytes32 a, bytes32 b) external pure;
    function assertEq(bool a, bool b) external pure;
    function assertEq(bytes calldata a, bytes calldata b) external pure;
    function assertTrue(bool ok) external pure;
    function assertTrue(bool ok, string calldata why) external pure;
    function assertFalse(bool ok) external pure;
    function assertGe(uint256 a, uint256 b) external pure;
    function assertGe(uint256 a, uint256 b, string calldata why) external pure;
    function assertLe(uint256 a, uint256 b) external pure;
    function assertLe(uint256 a, uint256 b, string calldata why) external pure;
    function assertGt(uint256 a, uint256 b) external pure;
    function assertLt(uint256 a, uint256 b) external pure;
}

/// @notice A test contract: cheat codes, assertions, and what forge asks before it runs invariants.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    /// @dev forge looks for this to tell a test contract.
    bool public constant IS_TEST = true;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address[] private _targets;
    FuzzSelector[] private _selectors;

    /// @notice Contracts whose functions an invariant run calls.
    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    /// @notice Functions an invariant run calls.
    function targetSelectors() public view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function targetContract(address target) internal {
        _targets.push(target);
    }

    function targetSelector(address target, bytes4[] memory selectors) internal {
        _selectors.push(FuzzSelector(target, selectors));
    }

    function assertEq(uint256 a, uint256 b) internal pure {
        vm.assertEq(a, b);
    }

    function assertEq(uint256 a, uint256 b, string memory why) internal pure {
        vm.assertEq(a, b, why);
    }

    function assertEq(address a, address b) internal pure {
        vm.assertEq(a, b);
    }

    function assertEq(bytes32 a, bytes32 b) internal pure {
        vm.assertEq(a, b);
    }

    function assertEq(bool a, bool b) internal pure {
        vm.assertEq(a, b);
    }

    function assertEq(bytes memory a, bytes memory b) internal pure {
        vm.assertEq(a, b);
    }

    function assertTrue(bool ok) internal pure {
        vm.assertTrue(ok);
    }

    function assertTrue(bool ok, string memory why) internal pure {
        vm.assertTrue(ok, why);
    }

    function assertFalse(bool ok) internal pure {
        vm.assertFalse(ok);
    }

    function assertGe(uint256 a, uint256 b) internal pure {
        vm.assertGe(a, b);
    }

    function assertGe(uint256 a, uint256 b, string memory why) internal pure {
        vm.assertGe(a, b, why);
    }

    function assertLe(uint256 a, uint256 b) internal pure {
        vm.assertLe(a, b);
    }

    function assertLe(uint256 a, uint256 b, string memory why) internal pure {
        vm.assertLe(a, b, why);
    }

    function assertGt(uint256 a, uint256 b) internal pure {
        vm.assertGt(a, b);
    }

    function assertLt(uint256 a, uint256 b) internal pure {
        vm.assertLt(a, b);
    }

    /// @notice Deploy the code that is shipped, not what the tests' own compilation makes of it. Reverts as the constructor does.
    function make(string memory name, bytes memory arguments) internal returns (address) {
        return make(name, name, arguments);
    }

    /// @notice The same for a contract that stands in a file of another name.
    function make(string memory file, string memory name, bytes memory arguments) internal returns (address made) {
        string memory profile = vm.envOr("FOUNDRY_PROFILE", "default");
        string memory where = keccak256(bytes(profile)) == keccak256("coverage")
            ? string.concat(file, ".sol:", name)
            : string.concat("out/", file, ".sol/", name, ".json");
        bytes memory code = abi.encodePacked(vm.getCode(where), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            if iszero(made) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    /// @notice A value within [low, high], the ends included, made from any.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        uint256 size = high - low;
        if (size == type(uint256).max) return value;
        if (value >= low && value <= high) return value;
        return low + value % (size + 1);
    }
}
