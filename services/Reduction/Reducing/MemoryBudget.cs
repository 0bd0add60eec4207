namespace Tutti.Reduction.Reducing;

/// <summary>
/// The memory that the running jobs of a process share: who finds too little left waits, in order of arrival. Small jobs do not wait behind larger ones:
/// they are over soon, so that those still get their turn.
/// </summary>
public sealed class MemoryBudget
{
    private readonly long total;
    private readonly Lock door = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> waiting = [];
    private long left;

    /// <summary>So many bytes are to be shared.</summary>
    public MemoryBudget(long total) => this.total = left = total;

    /// <summary>Takes a share as soon as it is there; disposing gives it back. More than there is at all is taken as all.</summary>
    public async Task<IDisposable> TakeAsync(long bytes, CancellationToken cancel, bool ahead = false)
    {
        var share = Math.Min(bytes, total);
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<(long, TaskCompletionSource)> place;
        lock (door)
        {
            place = ahead ? waiting.AddFirst((share, turn)) : waiting.AddLast((share, turn));
            LetIn();
        }
        await using (cancel.Register(() => Leave(place, turn, cancel))) await turn.Task;
        return new Share(this, share);
    }

    private void Leave(LinkedListNode<(long, TaskCompletionSource)> place, TaskCompletionSource turn, CancellationToken cancel)
    {
        lock (door)
        {
            if (!turn.TrySetCanceled(cancel)) return;
            waiting.Remove(place);
            LetIn();
        }
    }

    private void GiveBack(long bytes)
    {
        lock (door)
        {
            left += bytes;
            LetIn();
        }
    }

    private void LetIn()
    {
        while (waiting.First is { } first && first.Value.Bytes <= left)
        {
            waiting.RemoveFirst();
            if (first.Value.Turn.TrySetResult()) left -= first.Value.Bytes;
        }
    }

    private sealed class Share(MemoryBudget budget, long bytes) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) budget.GiveBack(bytes);
        }
    }
}
