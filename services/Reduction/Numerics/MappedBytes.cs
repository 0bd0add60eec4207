using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Tutti.Reduction.Numerics;

/// <summary>A file of up to 2 GiB in the address space, so that a large one is read in place; released with the last reference to the memory, which who
/// works on spans of it has to keep. The file must not change as long as it is in use.</summary>
public sealed unsafe class MappedBytes : MemoryManager<byte>
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly int length;

    private MappedBytes(string path, int length)
    {
        this.length = length;
        file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
            leaveOpen: false);
        view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
        // The view stays mapped as long as this object is referenced; its handle lets go of it.
        view.SafeMemoryMappedViewHandle.ReleasePointer();
    }

    /// <summary>The bytes of the file, which hold it open.</summary>
    public static ReadOnlyMemory<byte> Of(string path, int length) => new MappedBytes(path, length).Memory;

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(start, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        view.Dispose();
        file.Dispose();
    }
}
