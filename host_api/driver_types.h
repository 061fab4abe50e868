// The few types and constants of the CUDA driver's C interface that Cantil uses.
//
// cuda.h is not included on purpose: a user's machine has a driver and no toolkit. Layouts and values are the
// driver's binary interface; tests/host_api/driver_abi_test.cpp compares each of them with cuda.h where it is
// found.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cantil::host_api::cu {

using Result = int;
using Device = int;
using DevicePtr = unsigned long long;

using Context = struct ContextOpaque*;
using Stream = struct StreamOpaque*;
using Event = struct EventOpaque*;
using Module = struct ModuleOpaque*;
using Function = struct FunctionOpaque*;
using LinkState = struct LinkStateOpaque*;
using MemoryPool = struct MemoryPoolOpaque*;
using Array = struct ArrayOpaque*;

using HostFunction = void (*)(void* data);
using StreamCallback = void (*)(Stream stream, Result status, void* data);
using BlockSizeToSharedBytes = size_t (*)(int block_size);

// Results that the host API itself has to tell apart; error_text.cpp names all of them.
inline constexpr Result kSuccess = 0;
inline constexpr Result kErrorInvalidValue = 1;
inline constexpr Result kErrorOutOfMemory = 2;
inline constexpr Result kErrorNotInitialized = 3;
inline constexpr Result kErrorDeinitialized = 4;
inline constexpr Result kErrorNoDevice = 100;
inline constexpr Result kErrorInvalidDevice = 101;
inline constexpr Result kErrorInvalidContext = 201;
inline constexpr Result kErrorInvalidPtx = 218;
inline constexpr Result kErrorInvalidHandle = 400;
inline constexpr Result kErrorNotFound = 500;
inline constexpr Result kErrorNotReady = 600;
inline constexpr Result kErrorIllegalAddress = 700;
inline constexpr Result kErrorLaunchOutOfResources = 701;
inline constexpr Result kErrorPeerAccessAlreadyEnabled = 704;
inline constexpr Result kErrorPeerAccessNotEnabled = 705;
inline constexpr Result kErrorContextIsDestroyed = 709;
inline constexpr Result kErrorLaunchFailed = 719;
inline constexpr Result kErrorCooperativeLaunchTooLarge = 720;
inline constexpr Result kErrorNotSupported = 801;
inline constexpr Result kErrorStreamCaptureUnsupported = 900;
inline constexpr Result kErrorStreamCaptureImplicit = 906;
inline constexpr Result kErrorStreamCaptureWrongThread = 908;
inline constexpr Result kErrorUnknown = 999;

struct Uuid {
  unsigned char bytes[16];
};

struct IpcMemoryHandle {
  unsigned char bytes[64];
};

struct IpcEventHandle {
  unsigned char bytes[64];
};

// Handles with a meaning of their own. Null is the legacy default stream for the entry points that we use.
inline const Stream kStreamLegacy = reinterpret_cast<Stream>(uintptr_t{1});
inline const Stream kStreamPerThread = reinterpret_cast<Stream>(uintptr_t{2});

inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr unsigned kEventBlockingSync = 1;
inline constexpr unsigned kEventDisableTiming = 2;
inline constexpr unsigned kEventInterprocess = 4;

inline constexpr int kCaptureStatusNone = 0;
inline constexpr int kCaptureModeRelaxed = 2;

inline constexpr unsigned kHostAllocPortable = 1;
inline constexpr unsigned kHostAllocDeviceMap = 2;
inline constexpr unsigned kHostAllocWriteCombined = 4;
inline constexpr unsigned kHostRegisterPortable = 1;
inline constexpr unsigned kHostRegisterDeviceMap = 2;
inline constexpr unsigned kMemAttachGlobal = 1;
inline constexpr unsigned kMemAttachHost = 2;
inline constexpr unsigned kIpcLazyEnablePeerAccess = 1;

inline constexpr int kMemoryTypeHost = 1;
inline constexpr int kMemoryTypeDevice = 2;
inline constexpr int kMemoryTypeUnified = 4;

struct Memcpy2D {
  size_t src_x_bytes, src_y;
  int src_memory_type;
  const void* src_host;
  DevicePtr src_device;
  Array src_array;
  size_t src_pitch;
  size_t dst_x_bytes, dst_y;
  int dst_memory_type;
  void* dst_host;
  DevicePtr dst_device;
  Array dst_array;
  size_t dst_pitch;
  size_t width_bytes;
  size_t height;
};

struct Memcpy3D {
  size_t src_x_bytes, src_y, src_z, src_lod;
  int src_memory_type;
  const void* src_host;
  DevicePtr src_device;
  Array src_array;
  void* reserved0;
  size_t src_pitch, src_height;
  size_t dst_x_bytes, dst_y, dst_z, dst_lod;
  int dst_memory_type;
  void* dst_host;
  DevicePtr dst_device;
  Array dst_array;
  void* reserved1;
  size_t dst_pitch, dst_height;
  size_t width_bytes, height, depth;
};

inline constexpr int kLocationTypeDevice = 1;
inline constexpr int kAllocationTypePinned = 1;
inline constexpr int kAccessReadWrite = 3;

struct MemLocation {
  int type;
  int id;
};

struct MemPoolProps {
  int alloc_type;
  int handle_types;
  MemLocation location;
  void* win32_security_attributes;
  size_t max_size;
  unsigned short usage;
  unsigned char reserved[54];
};

struct MemAccessDesc {
  MemLocation location;
  int flags;
};

enum class PoolAttribute : int {
  kReleaseThreshold = 4,
  kReservedCurrent = 5,
  kReservedHigh = 6,
  kUsedCurrent = 7,
  kUsedHigh = 8,
};

enum class PointerAttribute : int {
  kContext = 1,
  kMemoryType = 2,
  kDevicePointer = 3,
  kHostPointer = 4,
  kIsManaged = 8,
  kDeviceOrdinal = 9,
};

enum class FunctionAttribute : int {
  kMaxThreadsPerBlock = 0,
  kSharedBytes = 1,
  kConstBytes = 2,
  kLocalBytes = 3,
  kRegisters = 4,
  kPtxVersion = 5,
  kBinaryVersion = 6,
  kCacheModeCa = 7,
  kMaxDynamicSharedBytes = 8,
  kPreferredSharedCarveout = 9,
};

enum class CacheConfig : int { kNone = 0, kPreferShared = 1, kPreferL1 = 2, kPreferEqual = 3 };

enum class JitOption : int {
  kMaxRegisters = 0,
  kThreadsPerBlock = 1,
  kWallTime = 2,
  kInfoLogBuffer = 3,
  kInfoLogBufferBytes = 4,
  kErrorLogBuffer = 5,
  kErrorLogBufferBytes = 6,
  kOptimizationLevel = 7,
  kGenerateDebugInfo = 11,
  kLogVerbose = 12,
  kGenerateLineInfo = 13,
  kCacheMode = 14,
};

enum class JitInput : int { kCubin = 0, kPtx = 1, kFatbin = 2, kObject = 3, kLibrary = 4 };

inline void* const kLaunchParamEnd = nullptr;
inline void* const kLaunchParamBufferPointer = reinterpret_cast<void*>(uintptr_t{1});
inline void* const kLaunchParamBufferSize = reinterpret_cast<void*>(uintptr_t{2});

}  // namespace cantil::host_api::cu
