using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Conformance.Scripts;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>Makes calls of numbers: the first byte of a step says which, the others pick arguments out of small pools, what is there more often than what isn't.</summary>
internal sealed class Player(Session session)
{
    private const ulong Page = Session.Page;
    private const ulong At = 1 << 24;
    private const int Kinds = 40;

    private static readonly ulong[] s_iovas =
    [
        At, At + Page, At + (2 * Page), At + (3 * Page), At + (4 * Page), At + (6 * Page), At + (8 * Page), At + (16 * Page), 0, Page, At + 1, At + 2048, 0xFEDF_F000, 0xFEE0_0000, 0xFEF0_0000,
        ulong.MaxValue - Page + 1, ulong.MaxValue, 1ul << 40,
    ];

    private static readonly ulong[] s_lengths = [Page, 2 * Page, Page, 4 * Page, 3 * Page, 16 * Page, 1, 2048, 0, Page + 1, 1ul << 40, ulong.MaxValue, ulong.MaxValue - Page];
    private static readonly ulong[] s_offsets = [0, Page, 2 * Page, 4 * Page, 8 * Page, 0, Page, 1, 2048];
    private static readonly IoasMapFlags[] s_mapFlags =
    [
        IoasMapFlags.Readable | IoasMapFlags.Writeable | IoasMapFlags.FixedIova, IoasMapFlags.Readable | IoasMapFlags.Writeable, IoasMapFlags.Readable | IoasMapFlags.FixedIova,
        IoasMapFlags.Writeable, IoasMapFlags.Readable | IoasMapFlags.Writeable | IoasMapFlags.FixedIova, IoasMapFlags.FixedIova, (IoasMapFlags)(1 << 9),
    ];

    private readonly List<Fd> _iommufds = [];
    private readonly List<Fd> _devices = [];
    private readonly List<Fd> _buffers = [];
    private readonly List<Fd> _vms = [];
    private readonly List<Fd> _groups = [];
    private readonly List<Fd> _memfds = [];
    private readonly List<Fd> _others = [];
    private readonly List<uint> _ioas = [];
    private readonly List<uint> _hwpts = [];
    private readonly List<uint> _ids = [];
    private readonly List<uint> _bound = [];
    private byte[] _step = [];

    /// <summary>Plays a sequence. The first step says what is there already: nothing, an iommufd, a device bound to it, and that attached.</summary>
    public void Play(byte[] steps)
    {
        for (int at = 0; at + Sequence.StepLength <= steps.Length; at += Sequence.StepLength)
        {
            _step = steps[at..(at + Sequence.StepLength)];
            if (at == 0) Prepare(_step[0] % 6);
            else Step(_step[0] % Kinds);
        }
    }

    private IommufdClient Iommu => session.Iommufd(Pick(_iommufds, 1));

    private VfioDeviceClient Device => session.Device(Pick(_devices, 1));

    private KvmVmClient Vm => session.Vm(Pick(_vms, 1));

    private static T Choose<T>(T[] pool, byte number) => pool[number % pool.Length];

    private void Prepare(int depth)
    {
        if (depth > 3) MakeVm(depth == 4 ? VmType.SwProtectedVm : VmType.DefaultVm);
        if (depth is 0 or 4) return;
        OpenIommufd();
        AllocIoas();
        if (depth == 1) return;
        OpenDevice(false);
        BindDevice();
        if (depth != 2) Attach(Pick(_ioas, 2));
    }

    private void Step(int kind)
    {
        switch (kind)
        {
            case 0: OpenIommufd(); break;
            case 1: OpenDevice(_step[1] % 3 == 0); break;
            case 2: BindDevice(); break;
            case 3: Close(); break;
            case 4 or 5: AllocIoas(); break;
            case 6: Iommu.TryDestroy(new ObjectId(Any(2))); break;
            case 7 or 8 or 9 or 10: Map(); break;
            case 11 or 12: Unmap(); break;
            case 13 or 14: Copy(); break;
            case 15: IoasScripts.Ranges(session, Iommu, Ioas(2), _step[3] % 5); break;
            case 16: Allow(); break;
            case 17: Option(); break;
            case 18: VfioIoas(); break;
            case 19: Iommu.TryIoasChangeProcess(); break;
            case 20: GetPhysical(); break;
            case 21 or 22: AllocHwpt(); break;
            case 23 or 24 or 25: Attach(Table(2)); break;
            case 26 or 27: Device.TryDetachIommufdPt(_step[2] < 250 ? VfioDetachFlags.None : (VfioDetachFlags)(1 << 9), 0); break;
            case 28: Export(); break;
            case 29 or 30: MapFile(); break;
            case 31: Command(); break;
            case 32: Ask(); break;
            case 33: Faults(); break;
            case 34: MakeVm(_step[1] % 2 == 0 ? VmType.DefaultVm : VmType.SwProtectedVm); break;
            case 35 or 36: Slot(); break;
            case 37: Attributes(); break;
            case 38: Group(); break;
            default: Virtual(); break;
        }
    }

    private Fd Pick(List<Fd> files, int at) =>
        files.Count > 0 && _step[at] < 245 ? files[_step[at] % files.Count] : _others.Count > 0 && _step[at] < 252 ? _others[_step[at] % _others.Count] : new Fd(999);

    private uint Pick(List<uint> ids, int at) => ids.Count > 0 && _step[at] < 225 ? ids[_step[at] % ids.Count] : Any(at);

    private uint Any(int at) => _ids.Count > 0 && _step[at] < 250 ? _ids[_step[at] % _ids.Count] : _step[at] == byte.MaxValue ? 0u : 77u;

    private IoasId Ioas(int at) => new(Pick(_ioas, at));

    private uint Table(int at) => _hwpts.Count > 0 && _step[at] % 3 == 0 ? Pick(_hwpts, at) : Pick(_ioas, at);

    private void Known(List<uint> kind, uint id)
    {
        if (!kind.Contains(id)) kind.Add(id);
        if (!_ids.Contains(id)) _ids.Add(id);
    }

    private void Known(List<Fd> kind, Fd fd)
    {
        if (fd.Value < 0) return;
        session.Keep(fd);
        kind.Add(fd);
        _others.Add(fd);
    }

    private void OpenIommufd()
    {
        if (_iommufds.Count < 2) Known(_iommufds, session.Open("/dev/iommu"));
    }

    private void OpenDevice(bool isOther)
    {
        if (_devices.Count < 3) Known(_devices, session.Open(isOther ? session.Target.OtherDevice : session.Target.Device));
    }

    private void BindDevice()
    {
        VfioBindFlags flags = _step[3] < 245 ? VfioBindFlags.None : (VfioBindFlags)(1 << 9);
        if (Device.TryBindIommufd(flags, Pick(_iommufds, 2), out DeviceId id, []).IsOk) Known(_bound, id.Value);
    }

    private void Close()
    {
        if (_others.Count == 0 || _step[1] % 3 != 0) return;
        Fd fd = _others[_step[2] % _others.Count];
        session.Close(fd);
        foreach (List<Fd> files in new[] { _iommufds, _devices, _buffers, _vms, _groups, _memfds, _others }) files.Remove(fd);
    }

    private void AllocIoas()
    {
        if (Iommu.TryIoasAlloc(out IoasId id).IsOk) Known(_ioas, id.Value);
    }

    private void Map()
    {
        ulong iova = Choose(s_iovas, _step[4]);
        Iommu.TryIoasMap(Choose(s_mapFlags, _step[3]), Ioas(2), _step[7] < 235 ? session.Memory : null, session.Start + Choose(s_offsets, _step[6]), Choose(s_lengths, _step[5]), ref iova);
    }

    private void Unmap()
    {
        ulong length = Choose(s_lengths, _step[5]);
        Iommu.TryIoasUnmap(Ioas(2), _step[3] % 5 == 0 ? 0 : Choose(s_iovas, _step[4]), ref length);
    }

    private void Copy()
    {
        ulong iova = Choose(s_iovas, _step[4]);
        Iommu.TryIoasCopy(Choose(s_mapFlags, _step[3]), Ioas(2), Ioas(7), Choose(s_lengths, _step[5]), ref iova, Choose(s_iovas, _step[6]));
    }

    private void Allow()
    {
        IommuIovaRange[] ranges = new IommuIovaRange[_step[3] % 3];
        for (int i = 0; i < ranges.Length; i++) ranges[i] = new IommuIovaRange { Start = Choose(s_iovas, _step[4 + i]), Last = Choose(s_iovas, _step[4 + i]) + Choose(s_lengths, _step[6]) - 1 };
        Iommu.TryIoasAllowIovas(Ioas(2), ranges);
    }

    private void Option()
    {
        ulong value = _step[5] % 3u;
        Iommu.TryOption((OptionId)(_step[3] % 3), (OptionOp)(_step[4] % 3), _step[3] % 3 == 0 && _step[6] > 20 ? default : Ioas(2), ref value);
    }

    private void VfioIoas()
    {
        IoasId id = Ioas(2);
        Iommu.TryVfioIoas(ref id, (VfioIoasOp)(_step[3] % 4));
    }

    private void GetPhysical()
    {
        ulong length = Choose(s_lengths, _step[5]);
        Iommu.TryIoasNoiommuGetPa(Ioas(2), Choose(s_iovas, _step[4]), ref length, out _);
    }

    private void AllocHwpt()
    {
        HwptAllocFlags flags = _step[4] < 225 ? HwptAllocFlags.None : Choose([HwptAllocFlags.AllocDirtyTracking, HwptAllocFlags.AllocPasid, (HwptAllocFlags)(1 << 30), HwptAllocFlags.FaultIdValid], _step[4]);
        if (Iommu.TryHwptAlloc(flags, new DeviceId(Pick(_bound, 2)), new HwptParentId(Pick(_ioas, 3)), out HwptId id, HwptDataType.None, [], new FaultId(77)).IsOk) Known(_hwpts, id.Value);
    }

    private void Attach(uint table)
    {
        PageTableId id = new(table);
        if (Device.TryAttachIommufdPt(_step[3] < 250 ? VfioAttachFlags.None : (VfioAttachFlags)(1 << 9), ref id, 0).IsOk) Known(_hwpts, id.Value);
    }

    private void Export()
    {
        VfioRegionDmaRange range = new() { Offset = Choose(s_offsets, _step[3]), Length = Choose(s_lengths, _step[4]) };
        if (Device.TryFeatureDmaBuf((VfioPciRegion)(_step[5] < 240 ? 0 : _step[5] % 10), 0, _step[6] % 16 == 0 ? [range, range] : [range], out Fd buffer).IsOk) Known(_buffers, buffer);
    }

    private void MapFile()
    {
        ulong iova = Choose(s_iovas, _step[4]);

        // No other file: a device's own, mapped through the iommufd that it is bound to, would keep both in Linux for good, and the next sequence would find the device taken.
        Fd file = _buffers.Count > 0 && _step[7] < 245 ? _buffers[_step[7] % _buffers.Count] : new Fd(999);
        Iommu.TryIoasMapFile(Choose(s_mapFlags, _step[3]), Ioas(2), file, Choose(s_offsets, _step[6]), Choose(s_lengths, _step[5]), ref iova);
    }

    private void Command()
    {
        ulong at = VfioScripts.Region(VfioPciRegion.ConfigRegionIndex) + (ulong)ConfigRegister.Command;
        session.Write(Pick(_devices, 1), at, (byte)Choose([ConfigCommand.Memory, ConfigCommand.Master, ConfigCommand.Memory | ConfigCommand.Master, default], _step[2]), 0);
        session.Read(Pick(_devices, 1), at, 2);
        session.Read(Pick(_devices, 1), 0, 4);
    }

    private void Ask()
    {
        switch (_step[2] % 6)
        {
            case 0: Device.TryGetInfo(out _, out _, out _, out _); break;
            case 1: Device.TryGetRegionInfo(out _, _step[3] % 11u, out _, out _, out _); break;
            case 2: Device.TryGetIrqInfo(out _, _step[3] % 7u, out _); break;
            case 3: Device.TryReset(); break;
            case 4: Device.TrySetIrqs(Choose([VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, VfioIrqSetFlags.DataNone, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionMask], _step[3]), 1, _step[4] % 3u, []); break;
            default: Device.TryFeature((VfioFeatureFlags)Choose([VfioFeature.DmaBuf, VfioFeature.Migration, VfioFeature.PciVfToken, (VfioFeature)999], _step[3]) | VfioFeatureFlags.Probe | Choose([VfioFeatureFlags.Get, VfioFeatureFlags.Set, VfioFeatureFlags.None], _step[4])); break;
        }
    }

    private void Faults()
    {
        if (_step[2] % 2 == 0 && Iommu.TryFaultQueueAlloc(out FaultId id, out Fd queue).IsOk)
        {
            Known(_others, queue);
            Known([], id.Value);
        }

        HwptId hwpt = new(Pick(_hwpts, 3));
        uint entries = _step[5] % 2u;
        if (_step[4] % 3 == 0) Iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, hwpt);
        if (_step[4] % 3 == 1) Iommu.TryHwptGetDirtyBitmap(hwpt, DirtyBitmapFlags.None, Choose(s_iovas, _step[6]), Choose(s_lengths, _step[5]), Page, session.Memory, session.Start);
        if (_step[4] % 3 == 2) Iommu.TryHwptInvalidate(new InvalidationTargetId(Pick(_hwpts, 3)), session.Memory, session.Start, InvalidateDataType.HwptInvalidateDataVtdS1, _step[6], ref entries);
    }

    private void MakeVm(VmType type)
    {
        if (_vms.Count > 1) return;
        KvmClient kvm = session.Kvm();
        Fd system = kvm.Fd;
        if (kvm.TryCreateVm(type, out Fd vm).IsOk) Known(_vms, vm);
        session.Close(system);
    }

    private void Slot()
    {
        if (_step[2] % 8 == 0)
        {
            if (Vm.TryCreateGuestMemfd(Choose<ulong>([4 * Page, 16 * Page, 0, 100], _step[3]), _step[4] < 245 ? GuestMemfdFlags.None : (GuestMemfdFlags)(1 << 20), out Fd made).IsOk) Known(_memfds, made);
            return;
        }

        MemoryFlags flags = Choose([MemoryFlags.None, MemoryFlags.None, MemoryFlags.Readonly, MemoryFlags.LogDirtyPages, MemoryFlags.GuestMemfd, MemoryFlags.GuestMemfd, (MemoryFlags)(1 << 20)], _step[3]);
        ulong length = Choose<ulong>([Page, 2 * Page, 4 * Page, 0, 100], _step[5]);
        Vm.TrySetUserMemoryRegion2(
            _step[2] % 4u, flags, Choose<ulong>([0, Page, 2 * Page, 4 * Page, 8 * Page, 100, ulong.MaxValue - Page + 1], _step[4]), length, session.Memory, session.Start + Choose(s_offsets, _step[6]),
            Choose<ulong>([0, Page, 2 * Page, 100], _step[7]), Pick(_memfds, 7));
    }

    private void Attributes()
    {
        ulong start = Choose<ulong>([0, Page, 4 * Page, 100, ulong.MaxValue - Page + 1], _step[2]);
        Vm.TrySetMemoryAttributes(start, Choose<ulong>([Page, 2 * Page, 0, 100], _step[3]), Choose([MemoryAttributes.Private, MemoryAttributes.None, (MemoryAttributes)(1 << 20)], _step[4]));
    }

    private void Group()
    {
        if (_step[2] % 3 == 0)
        {
            if (Vm.TryCreateDevice(KvmDeviceType.Vfio, out Fd made, CreateDeviceFlags.None).IsOk) Known(_groups, made);
            return;
        }

        KvmDeviceClient group = session.VmDevice(Pick(_groups, 1));
        if (_step[2] % 3 == 1) group.TryVfioFileAdd(Pick(_devices, 3));
        else group.TryVfioFileDel(Pick(_devices, 3));
    }

    private void Virtual()
    {
        DeviceId device = new(Pick(_bound, 3));
        switch (_step[2] % 5)
        {
            case 0: Iommu.TryViommuAlloc((ViommuType)(_step[4] % 3u), device, new HwptId(Pick(_hwpts, 5)), out _, []); break;
            case 1: Iommu.TryVdeviceAlloc(new ViommuId(Any(4)), device, out _, _step[5]); break;
            case 2: Iommu.TryVeventqAlloc(new ViommuId(Any(4)), (VeventqType)(_step[5] % 3u), _step[6] % 2u, out _, out _); break;
            case 3: Iommu.TryHwQueueAlloc(new ViommuId(Any(4)), (HwQueueType)(_step[5] % 3u), 0, out _, Choose(s_iovas, _step[6]), Choose(s_lengths, _step[7])); break;
            default:
                // Not for other calls: a vCPU has attributes of its own, which the platform hasn't.
                if (Vm.TryCreateVcpu(_step[4] % 3u, out Fd vcpu).IsOk) session.Keep(vcpu);
                break;
        }
    }
}
