using System.Runtime.CompilerServices;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Bytes as a stream for a library that trusts its input: an access that cannot be served in full, too many of them, too many bytes, a deadline gone
/// by or a stack nearly exhausted (structures that point to themselves) end in an exception instead of a wrong value, an endless loop or a dead
/// process.
/// </summary>
internal sealed class BoundedStream(ReadOnlyMemory<byte> bytes, long mostBytes, long mostReads, CancellationToken cancellation) : Stream
{
    private const int ClockEvery = 256;
    private long position;
    private long reads;
    private long? deadline;

    /// <summary>How many bytes have been served.</summary>
    public long Served { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => bytes.Length;

    public override long Position
    {
        get => position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>From now on accesses must end within the time.</summary>
    public void Within(TimeSpan? time) => deadline = time is { } span ? Environment.TickCount64 + (long)span.TotalMilliseconds : null;

    public override int Read(Span<byte> buffer)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        reads++;
        if (reads % ClockEvery == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (deadline is { } end && Environment.TickCount64 > end) throw new InvalidDataException("its structure takes too long to follow");
        }
        if (reads > mostReads || Served + buffer.Length > mostBytes) throw new InvalidDataException("its structure is read over and over");
        if (position > bytes.Length - buffer.Length) throw new EndOfStreamException("its structure points beyond the end of the file");
        bytes.Span.Slice((int)position, buffer.Length).CopyTo(buffer);
        position += buffer.Length;
        Served += buffer.Length;
        return buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        ReadExactly(one);
        return one[0];
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => position + offset,
            SeekOrigin.End => bytes.Length + offset,
            _ => -1,
        };
        return target >= 0 && target <= bytes.Length ? position = target :
            throw new EndOfStreamException("its structure points beyond the end of the file");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
