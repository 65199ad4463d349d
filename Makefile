# The front door. CMake and Ninja do the work; `make help` lists what there is.

PREFIX ?= /usr/local
BUILD_PACKAGES = gcc g++ libc6-dev cmake ninja-build zlib1g-dev libjansson-dev libcairo2-dev \
                 libdcmtk-dev libopenjp2-7-dev libopenblas0-pthread libmatio11 fonts-dejavu-core
CHECK_PACKAGES = $(BUILD_PACKAGES) clang-14 clang libclang-rt-14-dev clang-format libcmocka-dev \
                 pkgconf locales binutils python3-pydicom python3-nibabel python3-scipy dcmtk dcm2niix dicom3tools \
                 libopenjp2-tools \
                 pocl-opencl-icd ocl-icd-libopencl1 libcminpack-dev libgsl-dev
PAPER_PACKAGES = $(BUILD_PACKAGES) python3-scipy python3-torch libcminpack-dev libgsl-dev
BENCH_PACKAGES = gcc libc6-dev cmake ninja-build clang python3-scipy
SOURCES = include programs src examples tests bench

.PHONY: all help core demo check check-asan check-tsan install bench paper coverage losses weights format clean

all:
	@cmake --preset release >/dev/null
	@cmake --build --preset release

help:
	@echo 'make                  build/torcht1'
	@echo 'make demo             install what is missing (apt), build, simulate a heart as DICOM, map it: demo-out/'
	@echo 'make check            install what the tests need (apt), build and run all tests'
	@echo 'make check-asan       the tests under the address and undefined behaviour sanitisers'
	@echo 'make check-tsan       the tests under the thread sanitiser'
	@echo 'make core             library and bench with a C11 compiler alone: build-core/'
	@echo 'make bench            measure speed and accuracy: bench/results'
	@echo 'make paper            the comparison of the Torch T1 paper: docs/paper.md (QUICK=1, DATA=DIR: build-paper-*/report)'
	@echo 'make coverage         measure what noise does to maps: bench/results/noise.md'
	@echo 'make losses           measure which voxels fits lose: bench/results/losses.md'
	@echo 'make weights          train the shipped networks anew: weights/ (minutes to an hour)'
	@echo 'make install PREFIX=  install program, library and headers (default $(PREFIX))'
	@echo 'make format           apply .clang-format'
	@echo 'make clean            remove what was built'

demo:
	@echo '== Looking for what the build needs'
	@cmake/install-missing.sh $(BUILD_PACKAGES)
	@echo '== Building build/torcht1'
	@$(MAKE) --no-print-directory all
	@mkdir -p demo-out
	@echo '== Simulating a MOLLI series of a digital heart as DICOM: demo-out/series'
	@build/torcht1 simulate heart -o demo-out/series --format dicom --snr 50 --seed 1 --quiet
	@echo '== What torcht1 info finds there'
	@build/torcht1 info demo-out/series
	@echo '== Fitting it: demo-out/maps'
	@build/torcht1 fit demo-out/series -o demo-out/maps
	@echo '== Done. Maps: demo-out/maps/*.nii.gz   Picture: demo-out/maps/T1map.png'

check:
	@echo '== Looking for what the tests need'
	@cmake/install-missing.sh $(CHECK_PACKAGES)
	@echo '== Building library, program and tests in build-check'
	@cmake --preset check
	@cmake --build --preset check
	@echo '== Running the tests'
	@ctest --preset check

check-asan check-tsan: check-%:
	@cmake/install-missing.sh $(CHECK_PACKAGES)
	@cmake --preset $* >/dev/null
	@cmake --build --preset $*
	@ctest --preset $*

core:
	@cmake/core.sh build-core

install: all
	@cmake --install build --prefix '$(PREFIX)'

bench: all
	@cmake/install-missing.sh $(BENCH_PACKAGES)
	@bench/run.sh build-bench

paper:
	@cmake/install-missing.sh $(PAPER_PACKAGES)
	@$(MAKE) --no-print-directory all
	@bench/paper/run.sh build/bench/paper/paper build-paper

coverage: all
	@bench/coverage.sh build/bench/bench

losses: all
	@bench/losses.sh build/bench/bench

weights: all
	@build/torcht1 train --scheme '5(3)3' --images 5 --seed 1 -o weights/native-5.npz
	@build/torcht1 train --scheme '5(3)3' --images 5 --post-contrast --seed 1 -o weights/post-contrast-5.npz

format:
	@find $(SOURCES) \( -name '*.[ch]' -o -name '*.cc' \) ! -name '*.golden.h' -exec clang-format -i {} +

clean:
	@rm -rf build build-check build-dev build-asan build-tsan build-fuzz build-clang build-core build-bench build-paper* demo-out
