# Cross-compiles with Debian's compiler and libraries of another architecture (cmake/cross-packages.sh installs them):
#   cmake --preset release -B build/arm64 --toolchain cmake/cross.cmake -D KAFKASCOPE_ARCHITECTURE=arm64
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KAFKASCOPE_ARCHITECTURE)
if(KAFKASCOPE_ARCHITECTURE STREQUAL "arm64")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
elseif(KAFKASCOPE_ARCHITECTURE STREQUAL "s390x")
  set(CMAKE_SYSTEM_PROCESSOR s390x)
else()
  message(FATAL_ERROR "KAFKASCOPE_ARCHITECTURE is \"${KAFKASCOPE_ARCHITECTURE}\"; known are arm64 and s390x")
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
set(CMAKE_C_COMPILER ${CMAKE_LIBRARY_ARCHITECTURE}-gcc)
set(CMAKE_CXX_COMPILER ${CMAKE_LIBRARY_ARCHITECTURE}-g++)
# Also for cmake/librdkafka.sh.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig:/usr/share/pkgconfig)
# Runs unit tests, and the program when it writes its man page.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${CMAKE_SYSTEM_PROCESSOR}-static)
