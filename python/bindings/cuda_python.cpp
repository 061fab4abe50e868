// Devices, streams, events and memory as Python objects (pybind11), for cantil.cuda.
#include "python/bindings/cuda_python.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "host_api/driver.h"
#include "host_api/memory.h"
#include "host_api/toolkit.h"
#include "python/bindings/errors.h"
#include "python/bindings/numpy_api.h"
#include "python/bindings/ref.h"
#include "simulator/error.h"

namespace py = pybind11;

namespace cantil::bindings {
namespace {

using Stream = std::shared_ptr<CudaStream>;
using Memory = std::shared_ptr<CudaMemory>;

// Python's bool for what the driver says may take long; the GIL is released while waiting.
using Release = py::call_guard<py::gil_scoped_release>;

// Keeps a Python object alive from C++ that may let go on any thread.
std::shared_ptr<void> keep(const py::object& object) {
  if (object.is_none()) return nullptr;
  return share(object.ptr());
}

PyArrayObject* host_array(const py::object& object, size_t bytes, bool writing) {
  if (!PyArray_Check(object.ptr())) throw py::type_error("a NumPy array is expected");
  auto* array = reinterpret_cast<PyArrayObject*>(object.ptr());
  if (!(PyArray_FLAGS(array) & (NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS)))
    throw py::value_error("the array is not contiguous");
  if (static_cast<size_t>(PyArray_NBYTES(array)) < bytes) throw py::value_error("the array is too small");
  if (writing && !PyArray_ISWRITEABLE(array)) throw py::value_error("the array is read-only");
  return array;
}

py::dict properties_of(CudaDevice& device) {
  const host_api::DeviceProperties& p = device.properties();
  py::dict d;
  d["name"] = p.name;
  d["pci_bus_id"] = p.pci_bus_id;
  d["total_memory"] = p.total_memory;
  d["compute_capability"] = py::make_tuple(p.compute_major, p.compute_minor);
  d["warp_size"] = p.warp_size;
  d["multiprocessors"] = p.multiprocessors;
  d["max_threads_per_block"] = p.max_threads_per_block;
  d["max_threads_per_multiprocessor"] = p.max_threads_per_multiprocessor;
  d["max_block"] = py::make_tuple(p.max_block[0], p.max_block[1], p.max_block[2]);
  d["max_grid"] = py::make_tuple(p.max_grid[0], p.max_grid[1], p.max_grid[2]);
  d["shared_per_block"] = p.shared_per_block;
  d["shared_per_block_optin"] = p.shared_per_block_optin;
  d["shared_per_multiprocessor"] = p.shared_per_multiprocessor;
  d["registers_per_block"] = p.registers_per_block;
  d["clock_khz"] = p.clock_khz;
  d["memory_clock_khz"] = p.memory_clock_khz;
  d["memory_bus_bits"] = p.memory_bus_bits;
  d["l2_bytes"] = p.l2_bytes;
  d["unified_addressing"] = p.unified_addressing;
  d["managed_memory"] = p.managed_memory;
  d["can_map_host_memory"] = p.can_map_host_memory;
  d["cooperative_launch"] = p.cooperative_launch;
  d["integrated"] = p.integrated;
  return d;
}

void bind_memory(py::module_& m) {
  py::class_<CudaMemory, Memory>(m, "CudaMemory", py::buffer_protocol(), "Memory that a device can use.")
      .def_readonly("device_pointer", &CudaMemory::device)
      .def_property_readonly("host_pointer",
                             [](const CudaMemory& x) { return reinterpret_cast<uint64_t>(x.host); })
      .def_readonly("bytes", &CudaMemory::bytes)
      .def_buffer([](CudaMemory& x) {
        if (!x.host) throw py::buffer_error("device memory has no address on the host");
        return py::buffer_info(x.host, 1, py::format_descriptor<uint8_t>::format(),
                               static_cast<py::ssize_t>(x.bytes));
      });
}

void bind_streams(py::module_& m) {
  py::class_<CudaEvent, std::shared_ptr<CudaEvent>>(m, "CudaEvent", "A point in a stream's work.")
      .def_property_readonly("handle", &CudaEvent::handle)
      .def("_record", &CudaEvent::record, Release())
      .def("query", &CudaEvent::query, "Whether the work before it is done.", Release())
      .def("synchronize", &CudaEvent::synchronize, "Waits for the work before it.", Release())
      .def("_elapsed_ms", &CudaEvent::elapsed_ms, Release());
  py::class_<CudaStream, Stream>(m, "CudaStream", py::dynamic_attr(), "A queue of work for a device.")
      .def_property_readonly("handle", &CudaStream::handle)
      .def("synchronize", &CudaStream::synchronize, "Waits for all work given to the stream.", Release())
      .def("query", &CudaStream::query, "Whether all work given to the stream is done.", Release())
      .def("_wait", &CudaStream::wait, Release())
      .def("_add_callback",
           [](CudaStream& stream, py::object function) {
             std::shared_ptr<PyObject> kept = share(function.ptr());
             py::gil_scoped_release release;
             stream.add_callback([kept](int status) {
               if (!Py_IsInitialized()) return;
               GilHeld gil;
               Ref result(PyObject_CallFunction(kept.get(), "i", status));
               if (!result) PyErr_WriteUnraisable(kept.get());
             });
           })
      .def_property_readonly(
          "_device", [](CudaStream& s) { return &s.device(); }, py::return_value_policy::reference);
}

// A callable (device, bytes, stream) -> memory that allocates in the device's place; null: the device does.
PyObject* allocator = nullptr;

py::dict pool_statistics(CudaDevice& device) {
  const host_api::PoolStatistics s = device.pool_statistics();
  py::dict d;
  d["used"] = s.used;
  d["used_high"] = s.used_high;
  d["reserved"] = s.reserved;
  d["reserved_high"] = s.reserved_high;
  return d;
}

void bind_context(py::class_<CudaDevice, std::unique_ptr<CudaDevice, py::nodelete>>& cls) {
  cls.def("context_handle", &CudaDevice::context_handle)
      .def("can_access_peer", &CudaDevice::can_access_peer)
      .def("enable_peer_access", &CudaDevice::enable_peer_access)
      .def("disable_peer_access", &CudaDevice::disable_peer_access)
      .def("start_profiler", &CudaDevice::start_profiler)
      .def("stop_profiler", &CudaDevice::stop_profiler)
      .def("pool_statistics", &pool_statistics)
      .def("trim_pool", &CudaDevice::trim_pool, Release())
      .def("set_pool_threshold", &CudaDevice::set_pool_threshold)
      .def("suspend_cleanup", &CudaDevice::suspend_cleanup)
      .def("resume_cleanup", &CudaDevice::resume_cleanup, Release())
      .def("waiting_for_cleanup", &CudaDevice::waiting_for_cleanup)
      .def("allocate_plain", &CudaDevice::allocate_plain, Release())
      .def("ipc_handle", [](CudaDevice& d, CudaMemory& memory) { return py::bytes(d.ipc_handle(memory)); })
      .def("open_ipc", &CudaDevice::open_ipc);
}

void bind_device(py::module_& m) {
  using host_api::PinnedOptions;
  py::class_<CudaDevice, std::unique_ptr<CudaDevice, py::nodelete>> cls(m, "CudaDevice",
                                                                        "A GPU, or the simulator.");
  bind_context(cls);
  cls.def_property_readonly("ordinal", &CudaDevice::ordinal)
      .def_property_readonly("properties", &properties_of)
      .def_property_readonly("uuid", &CudaDevice::uuid)
      .def_property_readonly("shares_host_memory", &CudaDevice::shares_host_memory)
      .def("attribute", &CudaDevice::attribute)
      .def("allocate", &CudaDevice::allocate, py::arg("bytes"), py::arg("stream") = Stream(), Release())
      .def(
          "allocate_host",
          [](CudaDevice& d, size_t bytes, bool mapped, bool portable, bool write_combined) {
            return d.allocate_host(bytes, PinnedOptions{mapped, portable, write_combined});
          },
          py::arg("bytes"), py::arg("mapped"), py::arg("portable"), py::arg("write_combined"), Release())
      .def("allocate_managed", &CudaDevice::allocate_managed, py::arg("bytes"), py::arg("attach_global"),
           Release())
      .def("register_host",
           [](CudaDevice& d, const py::object& array, bool mapped) {
             PyArrayObject* a = host_array(array, 0, false);
             return d.register_host(PyArray_DATA(a), static_cast<size_t>(PyArray_NBYTES(a)),
                                    PinnedOptions{mapped, false, false}, keep(array));
           })
      .def("borrow", [](CudaDevice& d, uint64_t pointer, size_t bytes,
                        const py::object& owner) { return d.borrow(pointer, bytes, keep(owner)); })
      .def("use_on",
           [](CudaDevice& d, CudaMemory& memory, const Stream& stream) { d.use_on(memory, stream); })
      .def("memory_info",
           [](CudaDevice& d) {
             auto info = d.memory_info();
             return std::make_pair(info.free, info.total);
           })
      .def("copy_to_device",
           [](CudaDevice& d, uint64_t to, const py::object& from, size_t bytes, const Stream& stream) {
             PyArrayObject* a = host_array(from, bytes, false);
             py::gil_scoped_release release;
             d.copy_to_device(to, PyArray_DATA(a), bytes, stream);
           })
      .def("copy_to_host",
           [](CudaDevice& d, const py::object& to, uint64_t from, size_t bytes, const Stream& stream) {
             PyArrayObject* a = host_array(to, bytes, true);
             py::gil_scoped_release release;
             d.copy_to_host(PyArray_DATA(a), from, bytes, stream);
           })
      .def("copy_on_device", &CudaDevice::copy_on_device, Release())
      .def(
          "copy_strided",
          [](CudaDevice& d, uint64_t to, const std::vector<int64_t>& to_strides, uint64_t from,
             const std::vector<int64_t>& from_strides, const std::vector<int64_t>& shape, size_t item,
             const Stream& stream) {
            return d.copy_strided(to, to_strides.data(), from, from_strides.data(), shape, item, stream);
          },
          Release())
      .def("fill", &CudaDevice::fill, Release())
      .def("create_stream", &CudaDevice::create_stream, Release())
      .def("wrap_stream", [](CudaDevice& d, uint64_t handle,
                             const py::object& owner) { return d.wrap_stream(handle, keep(owner)); })
      .def("create_event", &CudaDevice::create_event, Release())
      .def("synchronize", &CudaDevice::synchronize, Release())
      .def("raise_failures", &CudaDevice::raise_failures, Release())
      .def("reset", &CudaDevice::reset, Release());
}

void bind_backend(py::module_& m) {
  auto reference = py::return_value_policy::reference;
  m.def("cuda_kind", [] { return cuda_backend().kind(); }, "\"gpu\" or \"sim\"; chooses the device.");
  m.def("cuda_device_count", [] { return cuda_backend().device_count(); });
  m.def("cuda_device", [](int ordinal) { return &cuda_backend().device(ordinal); }, reference);
  m.def("cuda_current", [] { return &cuda_backend().current(); }, reference);
  m.def("cuda_select", [](int ordinal) { cuda_backend().select(ordinal); });
  m.def("cuda_set_allocator", [](const py::object& function) {
    Py_XDECREF(std::exchange(allocator, function.is_none() ? nullptr : Py_NewRef(function.ptr())));
  });
  m.def("cuda_driver_version", [] { return cuda_backend().driver_version(); });
  m.def("cuda_driver_available", &host_api::Driver::available,
        "Whether a CUDA driver with a device answers.");
  m.def("cuda_why_unavailable", &host_api::Driver::why_unavailable,
        "Why there is no driver; empty where there is one.");
  m.def("cuda_memory_statistics", [] {
    auto s = host_api::memory_statistics();
    py::dict d;
    for (auto [name, kind] : {std::pair{"device", s.device}, {"host", s.host}, {"managed", s.managed}})
      d[name] = py::make_tuple(kind.count, kind.bytes);
    return d;
  });
  m.def("cuda_tool", [](const std::string& name, const std::vector<std::string>& folders) -> py::object {
    std::vector<std::filesystem::path> extra(folders.begin(), folders.end());
    auto found = host_api::Toolkit(extra).binary(name);
    if (!found) return py::none();
    return py::str(found->string());
  });
}

void translate(std::exception_ptr error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const CompileError&) {
    set_current_exception();
  } catch (const host_api::HostApiError&) {
    set_current_exception();
  } catch (const simulator::DriverError&) {
    set_current_exception();
  } catch (const simulator::LaunchLimitError&) {
    set_current_exception();
  } catch (const KernelFailed&) {
    set_current_exception();
  } catch (const PythonError&) {
    set_current_exception();
  }
}

template <typename T>
T cast(PyObject* object, const char* what) {
  try {
    return py::cast<T>(py::handle(object));
  } catch (const py::cast_error&) {
    PyErr_Format(PyExc_TypeError, "%s is expected, not %R", what, object);
    throw PythonError{};
  }
}

}  // namespace

CudaDevice* device_from_python(PyObject* object) {
  auto* device = cast<CudaDevice*>(object, "a device");
  if (!device) {
    PyErr_SetString(PyExc_TypeError, "a device is expected, not None");
    throw PythonError{};
  }
  return device;
}
Memory memory_from_python(PyObject* object) { return cast<Memory>(object, "memory"); }
Stream stream_from_python(PyObject* object) { return cast<Stream>(object, "a stream"); }

Stream stream_behind(PyObject* object) {
  return py::isinstance<CudaStream>(py::handle(object)) ? py::cast<Stream>(py::handle(object)) : nullptr;
}

CudaMemory* memory_behind(PyObject* object) {
  return py::isinstance<CudaMemory>(py::handle(object)) ? py::cast<CudaMemory*>(py::handle(object)) : nullptr;
}

Memory allocate_by_manager(CudaDevice& device, size_t bytes, const Stream& stream) {
  if (allocator) {
    Ref made = checked(PyObject_CallFunction(allocator, "NnN", device_to_python(device),
                                             static_cast<Py_ssize_t>(bytes), stream_to_python(stream)));
    return memory_from_python(made.get());
  }
  GilReleased released;
  return device.allocate(bytes, stream);
}

PyObject* device_to_python(CudaDevice& device) {
  return py::cast(&device, py::return_value_policy::reference).release().ptr();
}
PyObject* memory_to_python(const Memory& memory) { return py::cast(memory).release().ptr(); }
PyObject* stream_to_python(const Stream& stream) { return py::cast(stream).release().ptr(); }

int add_cuda_python(PyObject* module) {
  return guarded<int>(-1, [&] {
    py::register_local_exception_translator(translate);
    py::module_ m = py::reinterpret_borrow<py::module_>(module);
    bind_memory(m);
    bind_streams(m);
    bind_device(m);
    bind_backend(m);
    return 0;
  });
}

}  // namespace cantil::bindings
