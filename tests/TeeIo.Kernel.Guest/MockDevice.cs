using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest;

/// <summary>A device of IOMMUFD's mock.</summary>
/// <param name="Ioas">The address space that it was attached to.</param>
/// <param name="Mock">The device as the test commands know it; destroying this id takes it away.</param>
/// <param name="Hwpt">The page table that the kernel made for it.</param>
/// <param name="Device">The device as IOMMUFD knows it.</param>
internal sealed record MockDevice(IoasId Ioas, MockDeviceId Mock, HwptId Hwpt, DeviceId Device);
