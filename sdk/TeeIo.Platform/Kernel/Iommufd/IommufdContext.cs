using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>The objects of one iommufd. An id is never 0; the id of a vDEVICE whose device went first stays taken as a tombstone (null).</summary>
internal sealed class IommufdContext(SoftwareKernel kernel)
{
    private readonly SortedDictionary<uint, IommufdObject?> _objects = [];

    public SoftwareKernel Kernel { get; } = kernel;

    /// <summary>The IOAS that VFIO's older interface uses, or null.</summary>
    public Ioas? VfioIoas { get; set; }

    /// <summary>Who is charged for pinned pages: the process, or the user.</summary>
    public bool ChargesProcess { get; set; }

    public bool IsEmpty => _objects.Count == 0;

    public IEnumerable<IommufdObject> Objects => _objects.Values.OfType<IommufdObject>();

    public T? Find<T>(uint id)
        where T : IommufdObject => _objects.GetValueOrDefault(id) as T;

    public void Add(IommufdObject item)
    {
        uint id = 1;
        while (_objects.ContainsKey(id)) id++;
        item.Id = id;
        _objects.Add(id, item);
    }

    /// <summary>Destroys an object on the user's demand.</summary>
    public SysResult Destroy(uint id)
    {
        if (Find<IommufdObject>(id) is not { } item) return Errno.ENOENT;
        if (item.Users > 0) return Errno.EBUSY;
        Kernel.Scheduler.WaitUntil(() => item.Calls == 0, $"the calls on object {id}");
        if (!ReferenceEquals(Find<IommufdObject>(id), item)) return Errno.ENOENT;
        if (item.Users > 0) return Errno.EBUSY;
        _objects.Remove(id);
        if (ReferenceEquals(VfioIoas, item)) VfioIoas = null;
        item.Destroy();
        return SysResult.Ok;
    }

    /// <summary>Takes an object away whose owner goes; its id stays taken where <paramref name="keepId"/> says so.</summary>
    public void Remove(IommufdObject item, bool keepId)
    {
        Kernel.Scheduler.WaitUntil(() => item.Calls == 0, $"the calls on object {item.Id}");
        if (!ReferenceEquals(_objects.GetValueOrDefault(item.Id), item)) return;
        if (keepId) _objects[item.Id] = null;
        else _objects.Remove(item.Id);
        item.Destroy();
    }

    /// <summary>Destroys everything, users before what they use.</summary>
    public void Clear()
    {
        VfioIoas = null;
        while (Objects.LastOrDefault(o => o.Users == 0) is { } item) Remove(item, keepId: false);
        _objects.Clear();
    }
}
