// C++ errors as Python exceptions of cantil.errors.
#include "python/bindings/errors.h"

#include <pybind11/pybind11.h>

#include <new>
#include <stdexcept>

#include "host_api/error.h"
#include "python/bindings/cuda_device.h"
#include "python/bindings/raise.h"
#include "python/bindings/sanitizer_report.h"
#include "simulator/error.h"

namespace cantil::bindings {
namespace {

// The class that a diagnostic surfaces as. Where Numba raises a builtin class, ours derives from it too.
const char* class_name(const Diagnostic& d) {
  switch (d.id) {
    case Diag::SignatureMismatch:
      return "SignatureMismatchError";
    case Diag::KernelReturns:
      return "KernelReturnError";
    case Diag::NoSource:
      return "SourceNotFoundError";
    case Diag::OutOfRangeLiteral:
      return "IntegerRangeError";
    case Diag::WrongArgumentCount:
      return "NumbaTypeError";
    default:
      break;
  }
  switch (diag_info(d.id).cls) {
    case DiagClass::Typing:
      return "TypingError";
    case DiagClass::Unsupported:
    case DiagClass::Syntax:
      return "UnsupportedError";
    case DiagClass::Lowering:
      return "LoweringError";
    case DiagClass::Value:
      return "NumbaValueError";
    case DiagClass::Launch:
      return "LaunchError";
    case DiagClass::Driver:
      return "CudaSupportError";
    case DiagClass::Internal:
      return "InternalError";
  }
  return "InternalError";
}

Ref codes_of(const CompileError& error) {
  const auto& all = error.diagnostics();
  Ref codes = checked(PyTuple_New(static_cast<Py_ssize_t>(all.size())));
  for (size_t i = 0; i < all.size(); ++i)
    PyTuple_SET_ITEM(codes.get(), static_cast<Py_ssize_t>(i), make_str(diag_info(all[i].id).code).release());
  return codes;
}

void set_internal_error(const char* what) {
  set_compile_error(CompileError(Diagnostic{Diag::Internal, {}, {what}, {}, {}}));
}

// An instance of the class with the report as its text and the codes.
Ref exception_of(PyObject* cls, const CompileError& error) {
  std::string text = error.render();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  Ref exception = checked(PyObject_CallOneArg(cls, make_str(text).get()));
  check_status(PyObject_SetAttrString(exception.get(), "codes", codes_of(error).get()));
  return exception;
}

// A failed driver call: what() has the call, the cause and the advice.
template <typename DriverError>
void set_driver_error(Diag id, const char* class_name, const DriverError& error) {
  try {
    const CompileError report(Diagnostic{id, {}, {error.what()}, {}, {}});
    Ref cls = import_attribute("cantil.errors", class_name);
    Ref exception = exception_of(cls.get(), report);
    check_status(PyObject_SetAttrString(exception.get(), "code",
                                        checked(PyLong_FromLong(static_cast<long>(error.code()))).get()));
    check_status(PyObject_SetAttrString(exception.get(), "call", make_str(error.call()).get()));
    PyErr_SetObject(cls.get(), exception.get());
  } catch (const PythonError&) {
  }
}

void set_simple_error(const char* class_name, const char* what) {
  try {
    PyErr_SetString(import_attribute("cantil.errors", class_name).get(), what);
  } catch (const PythonError&) {
  }
}

}  // namespace

void set_compile_error(const CompileError& error) {
  try {
    const char* name =
        error.diagnostics().empty() ? "InternalError" : class_name(error.diagnostics().front());
    Ref cls = import_attribute("cantil.errors", name);
    Ref exception = exception_of(cls.get(), error);
    const Span span = error.diagnostics().empty() ? Span{} : error.diagnostics().front().span;
    const std::string file = span.valid() ? file_name(span.file) : std::string();
    if (file.empty() || file.rfind("stdlib/", 0) == 0) {
      PyErr_SetObject(cls.get(), exception.get());
      return;
    }
    // The traceback ends at the user's line, so that debuggers and pytest show it.
    const Diagnostic& d = error.diagnostics().front();
    const compiler::Frame frame{d.function, file, span.line, span.col, span.end_line, span.end_col, false};
    Ref globals = checked(PyDict_New());
    raise_with_frames(exception.get(), {&frame}, globals.get());
  } catch (const PythonError&) {
  }
}

void set_current_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "an error without an exception");
  } catch (const CompileError& error) {
    set_compile_error(error);
  } catch (const SanitizerFound& found) {
    raise_sanitizer_error(found);
  } catch (const KernelFailed& failure) {
    raise_kernel_failure(failure);
  } catch (const host_api::LaunchLimitError& error) {
    set_compile_error(CompileError(Diagnostic{Diag::LaunchLimit, {}, {error.what(), ""}, {}, {}}));
  } catch (const host_api::CompileLogError& error) {
    set_driver_error(Diag::DriverFailed, "LinkerError", error);
  } catch (const host_api::DriverUnavailable& error) {
    set_driver_error(Diag::NoDriver, "CudaSupportError", error);
  } catch (const host_api::DriverError& error) {
    set_driver_error(Diag::DriverFailed, "CudaDriverError", error);
  } catch (const host_api::HostApiError& error) {
    set_simple_error("CudaDriverError", error.what());
  } catch (const simulator::LaunchLimitError& error) {
    set_compile_error(CompileError(Diagnostic{Diag::LaunchLimit, {}, {error.what(), ""}, {}, {}}));
  } catch (const simulator::DriverError& error) {
    set_driver_error(Diag::DriverFailed, "CudaDriverError", error);
  } catch (const InternalError& error) {
    set_internal_error(error.what());
  } catch (pybind11::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    set_internal_error(error.what());
  } catch (...) {
    set_internal_error("an unknown C++ exception");
  }
}

}  // namespace cantil::bindings
