using System.Buffers.Binary;

namespace Nvme;

/// <summary>The controller's first namespace, read and written through a pair of queues.</summary>
internal sealed class Disk
{
    private readonly QueuePair _queues;
    private readonly DmaMemory _lists;

    /// <exception cref="IOException">There is no namespace, or its blocks have metadata.</exception>
    public Disk(Controller controller, QueuePair queues)
    {
        _queues = queues;
        NvmeNsList.TryRead(controller.Identify(NvmeCns.NsActiveList, 0), out NvmeNsList list);
        Number = list.Nsid[0] != 0 ? list.Nsid[0] : throw new IOException("the controller has no namespace. 'nvme create-ns' of nvme-cli makes one.");
        NvmeIdNs.TryRead(controller.Identify(NvmeCns.Ns, Number), out NvmeIdNs identity);
        NvmeLbaf format = identity.Lbaf[(identity.FlbasHigh << 4) | identity.FlbasLow];
        if (format.Ms != 0) throw new IOException($"each block of namespace {Number} has {format.Ms} bytes of metadata, which this driver doesn't know. 'nvme format' of nvme-cli chooses another format, and erases all.");
        Blocks = identity.Nsze;
        BlockSize = 1u << format.Ds;
        const ulong OneList = NvmeConstants.PageEntries * NvmeConstants.PageSize;
        byte limit = controller.Identity.Mdts;
        MaxTransfer = limit == 0 ? OneList : Math.Min(OneList, (ulong)NvmeConstants.PageSize << limit);
        _lists = controller.Allocate((ulong)queues.Capacity * NvmeConstants.PageSize);
    }

    /// <summary>Its number.</summary>
    public uint Number { get; }

    /// <summary>How many blocks it has.</summary>
    public ulong Blocks { get; }

    /// <summary>Bytes of a block.</summary>
    public uint BlockSize { get; }

    /// <summary>The most bytes that one command transfers.</summary>
    public ulong MaxTransfer { get; }

    /// <summary>Reads blocks.</summary>
    /// <param name="block">The first one.</param>
    /// <param name="data">Where they go.</param>
    /// <param name="offset">From where on; a whole page.</param>
    /// <param name="length">Bytes; whole blocks.</param>
    public void Read(ulong block, DmaMemory data, ulong offset, ulong length) => Transfer(NvmeOpcode.Read, block, data, offset, length);

    /// <summary>Writes blocks.</summary>
    /// <param name="block">The first one.</param>
    /// <param name="data">Where they are.</param>
    /// <param name="offset">From where on; a whole page.</param>
    /// <param name="length">Bytes; whole blocks.</param>
    public void Write(ulong block, DmaMemory data, ulong offset, ulong length) => Transfer(NvmeOpcode.Write, block, data, offset, length);

    /// <summary>Has the controller keep what was written, come what may.</summary>
    public void Flush() => _queues.Run([new NvmeCommand { Opcode = NvmeOpcode.Flush, Nsid = Number }]);

    /// <summary>As many commands at a time as the queue takes, each as long as the controller allows.</summary>
    private void Transfer(NvmeOpcode opcode, ulong block, DmaMemory data, ulong offset, ulong length)
    {
        Span<NvmeCommand> commands = stackalloc NvmeCommand[_queues.Capacity];
        for (ulong done = 0; done < length;)
        {
            int count = 0;
            for (; count < commands.Length && done < length; count++)
            {
                ulong part = Math.Min(MaxTransfer, length - done);
                commands[count] = new NvmeCommand { Opcode = opcode, Nsid = Number, Slba = block + (done / BlockSize), Length = (ushort)((part / BlockSize) - 1) };
                Point(ref commands[count], count, data.Iova + offset + done, part);
                done += part;
            }

            _queues.Run(commands[..count]);
        }
    }

    /// <summary>Tells a command where its data is: in one page, in two, or in those of a list (NVM Express Base Specification 2.0, 4.1.1).</summary>
    private void Point(ref NvmeCommand command, int id, ulong iova, ulong length)
    {
        command.Prp1 = iova;
        int further = (int)((length - 1) / NvmeConstants.PageSize);
        if (further == 0) return;
        command.Prp2 = iova + NvmeConstants.PageSize;
        if (further == 1) return;
        Span<byte> list = stackalloc byte[further * sizeof(ulong)];
        for (int i = 0; i < further; i++) BinaryPrimitives.WriteUInt64LittleEndian(list[(i * sizeof(ulong))..], iova + ((ulong)(i + 1) * NvmeConstants.PageSize));
        ulong place = (ulong)id * NvmeConstants.PageSize;
        _lists.Memory.Write(place, list);
        command.Prp2 = _lists.Iova + place;
    }
}
