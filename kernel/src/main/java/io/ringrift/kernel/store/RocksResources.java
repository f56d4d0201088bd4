package io.ringrift.kernel.store;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;

/// Options of one database, whose native memory must outlive it.
final class RocksResources implements AutoCloseable {
  private final List<AbstractNativeReference> open = new ArrayList<>();
  private final LRUCache cache = own(new LRUCache(4L << 20));
  private final BloomFilter filter = own(new BloomFilter(10));

  DBOptions dbOptions() {
    return own(
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setParanoidChecks(true)
            // A record torn by a crash was never acknowledged; anything else is corruption.
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
            .setMaxOpenFiles(64)
            .setMaxBackgroundJobs(2)
            .setMaxTotalWalSize(16L << 20)
            .setDbWriteBufferSize(8L << 20)
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(1 << 20)
            .setStatsDumpPeriodSec(0)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL));
  }

  ColumnFamilyOptions familyOptions() {
    return own(
        new ColumnFamilyOptions()
            .setWriteBufferSize(4L << 20)
            .setMaxWriteBufferNumber(2)
            .setTargetFileSizeBase(4L << 20)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setCacheIndexAndFilterBlocks(true)
                    .setFilterPolicy(filter)));
  }

  private <R extends AbstractNativeReference> R own(R resource) {
    open.add(resource);
    return resource;
  }

  @Override
  public void close() {
    open.reversed().forEach(AbstractNativeReference::close);
  }
}
