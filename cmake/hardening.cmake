# Flags that make memory errors harder to exploit, if the compiler or linker supports them. Checked by
# tests/unit/build/hardening_test.py. kafkascope_hardening_cflags is for librdkafka, which has its own build system.
option(KAFKASCOPE_HARDENING "Compile and link with hardening flags" ON)
set(kafkascope_hardening_cflags "")
if(NOT KAFKASCOPE_HARDENING)
  return()
endif()
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

# -fPIE instead of CMAKE_POSITION_INDEPENDENT_CODE, which compiles static libraries with the slower -fPIC.
foreach(flag IN ITEMS -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "KAFKASCOPE_HAS${flag}" has)
  check_cxx_compiler_flag(${flag} ${has})
  if(${has})
    list(APPEND kafkascope_hardening_cflags ${flag})
  endif()
endforeach()
add_compile_options(${kafkascope_hardening_cflags})

foreach(flag IN ITEMS -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  string(MAKE_C_IDENTIFIER "KAFKASCOPE_HAS${flag}" has)
  check_linker_flag(CXX ${flag} ${has})
  if(${has})
    add_link_options(${flag})
  endif()
endforeach()

# Needs optimization. Sanitizers do not intercept the functions that it uses instead of memcpy and others.
set(fortify -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
if(NOT KAFKASCOPE_SANITIZER)
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:${fortify}>")
endif()
if(NOT KAFKASCOPE_SANITIZER STREQUAL "thread")
  list(APPEND kafkascope_hardening_cflags ${fortify})  # one librdkafka for all builds without ThreadSanitizer
endif()
