// Compares what driver_types.h and driver_functions.def declare with the driver's own header, where there is
// one.
#include <gtest/gtest.h>

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "host_api/device.h"
#include "host_api/driver.h"

#if __has_include(<cuda.h>)
#define CANTIL_HAS_CUDA_H 1
// Also the functions whose plain names the header has given to newer versions of them.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>
#include <cudaProfiler.h>
#undef __CUDA_API_VERSION_INTERNAL
#endif

namespace cantil::host_api {
namespace {

#ifdef CANTIL_HAS_CUDA_H

// Two types that a function call passes the same way: both pointers, or numbers of one size and both signed
// or not.
template <class Ours, class Theirs>
constexpr bool same_argument() {
  if constexpr (std::is_pointer_v<Ours> || std::is_pointer_v<Theirs>) {
    return std::is_pointer_v<Ours> && std::is_pointer_v<Theirs>;
  } else {
    return sizeof(Ours) == sizeof(Theirs) && alignof(Ours) >= alignof(Theirs) &&
           std::is_class_v<Ours> == std::is_class_v<Theirs>;
  }
}

template <class Ours, class Theirs>
struct SameCall : std::false_type {};

template <class R, class... Ours, class S, class... Theirs>
struct SameCall<R(Ours...), S (*)(Theirs...)> {
  static constexpr bool test() {
    if constexpr (sizeof...(Ours) != sizeof...(Theirs)) {
      return false;
    } else {
      return sizeof(R) == sizeof(S) && (same_argument<Ours, Theirs>() && ...);
    }
  }
  static constexpr bool value = test();
};

#define X(name, symbol, needed, parameters)                                          \
  static_assert(SameCall<cu::Result parameters, decltype(&::symbol)>::value, #symbol \
                " differs from "                                                     \
                "cuda.h");
#include "host_api/driver_functions.def"
#undef X

#define SAME_PLACE(ours, field, theirs, their_field) \
  static_assert(offsetof(cu::ours, field) == offsetof(::theirs, their_field), #ours "." #field)
#define SAME_SIZE(ours, theirs) static_assert(sizeof(cu::ours) == sizeof(::theirs), #ours)

SAME_SIZE(Uuid, CUuuid);
SAME_SIZE(IpcMemoryHandle, CUipcMemHandle);
SAME_SIZE(IpcEventHandle, CUipcEventHandle);
SAME_SIZE(Memcpy2D, CUDA_MEMCPY2D);
SAME_PLACE(Memcpy2D, src_memory_type, CUDA_MEMCPY2D, srcMemoryType);
SAME_PLACE(Memcpy2D, src_host, CUDA_MEMCPY2D, srcHost);
SAME_PLACE(Memcpy2D, src_device, CUDA_MEMCPY2D, srcDevice);
SAME_PLACE(Memcpy2D, src_pitch, CUDA_MEMCPY2D, srcPitch);
SAME_PLACE(Memcpy2D, dst_memory_type, CUDA_MEMCPY2D, dstMemoryType);
SAME_PLACE(Memcpy2D, dst_host, CUDA_MEMCPY2D, dstHost);
SAME_PLACE(Memcpy2D, dst_device, CUDA_MEMCPY2D, dstDevice);
SAME_PLACE(Memcpy2D, dst_pitch, CUDA_MEMCPY2D, dstPitch);
SAME_PLACE(Memcpy2D, width_bytes, CUDA_MEMCPY2D, WidthInBytes);
SAME_PLACE(Memcpy2D, height, CUDA_MEMCPY2D, Height);
SAME_SIZE(Memcpy3D, CUDA_MEMCPY3D);
SAME_PLACE(Memcpy3D, src_lod, CUDA_MEMCPY3D, srcLOD);
SAME_PLACE(Memcpy3D, src_memory_type, CUDA_MEMCPY3D, srcMemoryType);
SAME_PLACE(Memcpy3D, src_host, CUDA_MEMCPY3D, srcHost);
SAME_PLACE(Memcpy3D, src_device, CUDA_MEMCPY3D, srcDevice);
SAME_PLACE(Memcpy3D, src_pitch, CUDA_MEMCPY3D, srcPitch);
SAME_PLACE(Memcpy3D, src_height, CUDA_MEMCPY3D, srcHeight);
SAME_PLACE(Memcpy3D, dst_memory_type, CUDA_MEMCPY3D, dstMemoryType);
SAME_PLACE(Memcpy3D, dst_host, CUDA_MEMCPY3D, dstHost);
SAME_PLACE(Memcpy3D, dst_device, CUDA_MEMCPY3D, dstDevice);
SAME_PLACE(Memcpy3D, dst_pitch, CUDA_MEMCPY3D, dstPitch);
SAME_PLACE(Memcpy3D, dst_height, CUDA_MEMCPY3D, dstHeight);
SAME_PLACE(Memcpy3D, width_bytes, CUDA_MEMCPY3D, WidthInBytes);
SAME_PLACE(Memcpy3D, depth, CUDA_MEMCPY3D, Depth);
SAME_SIZE(MemPoolProps, CUmemPoolProps);
SAME_PLACE(MemPoolProps, alloc_type, CUmemPoolProps, allocType);
SAME_PLACE(MemPoolProps, handle_types, CUmemPoolProps, handleTypes);
SAME_PLACE(MemPoolProps, location, CUmemPoolProps, location);
SAME_PLACE(MemPoolProps, max_size, CUmemPoolProps, maxSize);
SAME_SIZE(MemAccessDesc, CUmemAccessDesc);
SAME_PLACE(MemAccessDesc, flags, CUmemAccessDesc, flags);

#define SAME_VALUE(ours, theirs) static_assert(static_cast<long>(ours) == static_cast<long>(theirs), #theirs)

SAME_VALUE(cu::kStreamNonBlocking, CU_STREAM_NON_BLOCKING);
SAME_VALUE(cu::kEventBlockingSync, CU_EVENT_BLOCKING_SYNC);
SAME_VALUE(cu::kEventDisableTiming, CU_EVENT_DISABLE_TIMING);
SAME_VALUE(cu::kEventInterprocess, CU_EVENT_INTERPROCESS);
SAME_VALUE(cu::kCaptureStatusNone, CU_STREAM_CAPTURE_STATUS_NONE);
SAME_VALUE(cu::kCaptureModeRelaxed, CU_STREAM_CAPTURE_MODE_RELAXED);
SAME_VALUE(cu::kHostAllocPortable, CU_MEMHOSTALLOC_PORTABLE);
SAME_VALUE(cu::kHostAllocDeviceMap, CU_MEMHOSTALLOC_DEVICEMAP);
SAME_VALUE(cu::kHostAllocWriteCombined, CU_MEMHOSTALLOC_WRITECOMBINED);
SAME_VALUE(cu::kHostRegisterPortable, CU_MEMHOSTREGISTER_PORTABLE);
SAME_VALUE(cu::kHostRegisterDeviceMap, CU_MEMHOSTREGISTER_DEVICEMAP);
SAME_VALUE(cu::kMemAttachGlobal, CU_MEM_ATTACH_GLOBAL);
SAME_VALUE(cu::kMemAttachHost, CU_MEM_ATTACH_HOST);
SAME_VALUE(cu::kIpcLazyEnablePeerAccess, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS);
SAME_VALUE(cu::kMemoryTypeHost, CU_MEMORYTYPE_HOST);
SAME_VALUE(cu::kMemoryTypeDevice, CU_MEMORYTYPE_DEVICE);
SAME_VALUE(cu::kMemoryTypeUnified, CU_MEMORYTYPE_UNIFIED);
SAME_VALUE(cu::kLocationTypeDevice, CU_MEM_LOCATION_TYPE_DEVICE);
SAME_VALUE(cu::kAllocationTypePinned, CU_MEM_ALLOCATION_TYPE_PINNED);
SAME_VALUE(cu::kAccessReadWrite, CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
SAME_VALUE(cu::PoolAttribute::kReleaseThreshold, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
SAME_VALUE(cu::PoolAttribute::kReservedCurrent, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);
SAME_VALUE(cu::PoolAttribute::kReservedHigh, CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH);
SAME_VALUE(cu::PoolAttribute::kUsedCurrent, CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
SAME_VALUE(cu::PoolAttribute::kUsedHigh, CU_MEMPOOL_ATTR_USED_MEM_HIGH);
SAME_VALUE(cu::PointerAttribute::kMemoryType, CU_POINTER_ATTRIBUTE_MEMORY_TYPE);
SAME_VALUE(cu::PointerAttribute::kDevicePointer, CU_POINTER_ATTRIBUTE_DEVICE_POINTER);
SAME_VALUE(cu::PointerAttribute::kIsManaged, CU_POINTER_ATTRIBUTE_IS_MANAGED);
SAME_VALUE(cu::PointerAttribute::kDeviceOrdinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL);
SAME_VALUE(cu::FunctionAttribute::kMaxThreadsPerBlock, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
SAME_VALUE(cu::FunctionAttribute::kSharedBytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
SAME_VALUE(cu::FunctionAttribute::kConstBytes, CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES);
SAME_VALUE(cu::FunctionAttribute::kLocalBytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
SAME_VALUE(cu::FunctionAttribute::kRegisters, CU_FUNC_ATTRIBUTE_NUM_REGS);
SAME_VALUE(cu::FunctionAttribute::kPtxVersion, CU_FUNC_ATTRIBUTE_PTX_VERSION);
SAME_VALUE(cu::FunctionAttribute::kBinaryVersion, CU_FUNC_ATTRIBUTE_BINARY_VERSION);
SAME_VALUE(cu::FunctionAttribute::kMaxDynamicSharedBytes, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME_VALUE(cu::FunctionAttribute::kPreferredSharedCarveout,
           CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT);
SAME_VALUE(cu::CacheConfig::kPreferShared, CU_FUNC_CACHE_PREFER_SHARED);
SAME_VALUE(cu::CacheConfig::kPreferL1, CU_FUNC_CACHE_PREFER_L1);
SAME_VALUE(cu::CacheConfig::kPreferEqual, CU_FUNC_CACHE_PREFER_EQUAL);
SAME_VALUE(cu::JitOption::kMaxRegisters, CU_JIT_MAX_REGISTERS);
SAME_VALUE(cu::JitOption::kInfoLogBuffer, CU_JIT_INFO_LOG_BUFFER);
SAME_VALUE(cu::JitOption::kInfoLogBufferBytes, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES);
SAME_VALUE(cu::JitOption::kErrorLogBuffer, CU_JIT_ERROR_LOG_BUFFER);
SAME_VALUE(cu::JitOption::kErrorLogBufferBytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME_VALUE(cu::JitOption::kOptimizationLevel, CU_JIT_OPTIMIZATION_LEVEL);
SAME_VALUE(cu::JitOption::kGenerateDebugInfo, CU_JIT_GENERATE_DEBUG_INFO);
SAME_VALUE(cu::JitOption::kLogVerbose, CU_JIT_LOG_VERBOSE);
SAME_VALUE(cu::JitOption::kGenerateLineInfo, CU_JIT_GENERATE_LINE_INFO);
SAME_VALUE(cu::JitInput::kCubin, CU_JIT_INPUT_CUBIN);
SAME_VALUE(cu::JitInput::kPtx, CU_JIT_INPUT_PTX);
SAME_VALUE(cu::JitInput::kFatbin, CU_JIT_INPUT_FATBINARY);
SAME_VALUE(cu::JitInput::kObject, CU_JIT_INPUT_OBJECT);
SAME_VALUE(cu::JitInput::kLibrary, CU_JIT_INPUT_LIBRARY);

#define X(code, name, cause, advice) SAME_VALUE(code, ::name);
#include "host_api/driver_errors.def"
#undef X

#define X(name, number) SAME_VALUE(number, CU_DEVICE_ATTRIBUTE_##name);
#include "host_api/device_attributes.def"
#undef X

TEST(DriverAbi, LaunchMarkers) {
  EXPECT_EQ(cu::kLaunchParamEnd, CU_LAUNCH_PARAM_END);
  EXPECT_EQ(cu::kLaunchParamBufferPointer, CU_LAUNCH_PARAM_BUFFER_POINTER);
  EXPECT_EQ(cu::kLaunchParamBufferSize, CU_LAUNCH_PARAM_BUFFER_SIZE);
  EXPECT_EQ(reinterpret_cast<void*>(cu::kStreamLegacy), reinterpret_cast<void*>(CU_STREAM_LEGACY));
  EXPECT_EQ(reinterpret_cast<void*>(cu::kStreamPerThread), reinterpret_cast<void*>(CU_STREAM_PER_THREAD));
}

#else

TEST(DriverAbi, ComparedWithCudaH) {
  GTEST_SKIP() << "no cuda.h on this machine: the declarations of driver_types.h are not compared with it";
}

#endif

}  // namespace
}  // namespace cantil::host_api
