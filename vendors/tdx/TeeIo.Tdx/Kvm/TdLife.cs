using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Kvm;

/// <summary>Makes TDs that can have trusted devices, and takes them away.</summary>
/// <param name="seam">The way into the module.</param>
/// <param name="keyIds">Keys that TDs may have.</param>
/// <param name="vcpusPerVm">vCPUs of each TD.</param>
internal sealed class TdLife(TdxSeam seam, IReadOnlyList<ushort> keyIds, int vcpusPerVm)
{
    private const string Reason = "the module did not give up a page of a TD";
    private readonly HashSet<ushort> _keysInUse = [];

    /// <summary>Makes a TD; what was made is gone again where a step fails.</summary>
    public SysResult Create(out TdxVm? td)
    {
        SysResult result = CreateRoot(out td);
        if (td is null) return result;
        if (ConfigureKey(td) && Initialise(td) && AddVcpus(td) && Finalise(td)) return SysResult.Ok;
        Destroy(td);
        td = null;
        return Errno.EIO;
    }

    /// <summary>Takes a TD away. Its key is free only when its caches are written back, and its pages when its key is.</summary>
    /// <returns>False where the module refused; its pages are in quarantine then.</returns>
    public bool Destroy(TdxVm td)
    {
        if (!FreeKey(td))
        {
            Quarantine(td, "the module did not take down a TD");
            return false;
        }

        _keysInUse.Remove(td.KeyId);
        bool all = true;
        foreach (ulong page in td.Memory.Values) all &= Reclaim(page, isOurs: false);
        foreach (ulong page in td.Vcpus) all &= Reclaim(page, isOurs: true);
        return Reclaim(td.Tdr.Value, isOurs: true) && all;
    }

    /// <summary>Leaves a TD to the module for good, its key as well.</summary>
    public void Quarantine(TdxVm td, string reason) => seam.Pages.Quarantine([.. td.Memory.Values, .. td.Vcpus, td.Tdr.Value], reason);

    /// <summary>Frees the TD's key. The write-back of caches is the whole machine's: one TD at a time goes through it.</summary>
    private bool FreeKey(TdxVm td)
    {
        using LockHold hold = seam.ExtensionLock.Acquire();
        return td.Vcpus.TrueForAll(Flush) && Call(() => seam.Calls.TryMngVpflushdone(td.Tdr)) && WriteBackCaches() && Call(() => seam.Calls.TryMngKeyFreeid(td.Tdr));
    }

    private SysResult CreateRoot(out TdxVm? td)
    {
        td = null;
        if (!seam.Pages.TryTake(1, out ulong[] root)) return Errno.EIO;
        foreach (ushort keyId in keyIds.Where(k => !_keysInUse.Contains(k)))
        {
            StatusWord status;
            var retry = new Retry();
            do status = seam.Calls.TryMngCreate(root[0], keyId);
            while (retry.Again(status));
            if (status.IsSuccess)
            {
                _keysInUse.Add(keyId);
                td = new TdxVm(new TdrId(root[0]), keyId);
                return SysResult.Ok;
            }

            if (status.Status == TdxStatus.HkidNotFree) continue;
            seam.Pages.GiveBack(root);
            return Errno.EIO;
        }

        seam.Pages.GiveBack(root);
        return Errno.ENOSPC;
    }

    private bool ConfigureKey(TdxVm td) => Call(() => seam.Calls.TryMngKeyConfig(td.Tdr));

    private bool Finalise(TdxVm td) => Call(() => seam.Calls.TryMrFinalize(td.Tdr));

    private bool Initialise(TdxVm td)
    {
        if (!seam.Pages.TryTake(1, out ulong[] page)) return false;
        byte[] bytes = new byte[TdParams.TdParams.ByteSize];
        new TdParams.TdParams { MaxVcpus = (ushort)vcpusPerVm, ConfigFlags = TdConfigFlags.TdxConnect }.Write(bytes);
        seam.Memory.Write(page[0], bytes);
        bool initialised = Call(() => seam.Calls.TryMngInit(td.Tdr, page[0], out _));
        seam.Pages.GiveBack(page);
        return initialised;
    }

    private bool AddVcpus(TdxVm td)
    {
        for (int i = 0; i < vcpusPerVm; i++)
        {
            if (!seam.Pages.TryTake(1, out ulong[] page)) return false;
            if (!Call(() => seam.Calls.TryVpCreate(page[0], td.Tdr)))
            {
                seam.Pages.GiveBack(page);
                return false;
            }

            td.Vcpus.Add(page[0]);
            uint apicId = (uint)i;
            if (!Call(() => seam.Calls.TryVpInit(new TdvprId(page[0]), 0, apicId))) return false;
        }

        return true;
    }

    private bool Flush(ulong vcpu)
    {
        StatusWord status;
        var retry = new Retry();
        do status = seam.Calls.TryVpFlush(new TdvprId(vcpu));
        while (retry.Again(status));

        // One that no CPU holds needs no flush.
        return status.IsSuccess || status.Status == TdxStatus.VcpuNotAssociated;
    }

    private bool WriteBackCaches()
    {
        StatusWord status;
        ulong resume = 0;
        var retry = new Retry();
        bool again;
        do
        {
            status = seam.Calls.TryPhymemCacheWb(resume);
            again = retry.Again(status);
            resume = status.Status == TdxStatus.InterruptedResumable ? 1UL : 0;
        }
        while (again);
        return status.IsSuccess;
    }

    private bool Reclaim(ulong page, bool isOurs)
    {
        bool reclaimed = Call(() => seam.Calls.TryPhymemPageReclaim(page, out _, out _, out _));
        if (reclaimed && isOurs) return seam.Pages.Return([page]);
        if (reclaimed && seam.Pages.Flush(page)) return true;
        seam.Pages.Quarantine([page], Reason);
        return false;
    }

    private static bool Call(Func<ulong> call)
    {
        StatusWord status;
        var retry = new Retry();
        do status = call();
        while (retry.Again(status));
        return status.IsSuccess;
    }
}
